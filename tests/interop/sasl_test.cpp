// The SASL functions with Cyrus SASL at the other end: as a server inside OpenLDAP, and as a client.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "cyrus_client.h"
#include "ldap.h"
#include "slapd.h"
#include "support/sasl_peer.h"
#include "support/world.h"

namespace sspid::test {
namespace {

constexpr ULONG kPrivacy = ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;
constexpr ULONG kLayerBits = kPrivacy;

class SaslToOpenLdap : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<Slapd>(world().realm); }
  static void TearDownTestSuite() { server_.reset(); }

  // Who has logged on can read, and a long answer arrives whole, in many packets.
  static void expect_served(LdapClient& client, const std::string& user) {
    EXPECT_EQ(client.who_am_i(), "dn:uid=" + user + ",dc=example,dc=test");
    const std::vector<LdapClient::Entry> entries = client.search("dc=example,dc=test");
    ASSERT_EQ(entries.size(), 3U) << server_->log();
    EXPECT_GT(entries[1].size, Slapd::kLongValue);
    EXPECT_EQ(client.who_am_i(), "dn:uid=" + user + ",dc=example,dc=test");
  }

  static void expect_layer(ULONG requirements, ULONG layer) {
    Credential user("Kerberos", SECPKG_CRED_OUTBOUND);
    SaslInitiator context(user, {.target = "ldap/localhost", .requirements = requirements});
    LdapClient client(server_->port());
    client.bind_sasl(context, "GSSAPI");
    EXPECT_EQ(context.attributes() & kLayerBits, layer);
    EXPECT_EQ(sasl_number(context, SASL_OPTION_SEND_SIZE) != 0, layer != 0);
    expect_served(client, "alice");
  }

  static inline std::unique_ptr<Slapd> server_;
};

TEST_F(SaslToOpenLdap, gssapi_without_a_layer) { expect_layer(0, 0); }
TEST_F(SaslToOpenLdap, gssapi_with_the_integrity_layer) { expect_layer(ISC_REQ_INTEGRITY, ISC_RET_INTEGRITY); }
TEST_F(SaslToOpenLdap, gssapi_with_the_privacy_layer) { expect_layer(kPrivacy, kLayerBits); }

TEST_F(SaslToOpenLdap, gssapi_with_an_opaque_identity) {
  Identity bob("bob", "EXAMPLE.TEST", "bobpw");
  PSEC_WINNT_AUTH_IDENTITY_OPAQUE opaque = nullptr;
  must("SspiCopyAuthIdentity", SspiCopyAuthIdentity(bob.unicode(), &opaque));
  Credential user("Kerberos", SECPKG_CRED_OUTBOUND, opaque);
  SspiFreeAuthIdentity(opaque);
  SaslInitiator context(user, {.target = "ldap/localhost", .requirements = kPrivacy});
  LdapClient client(server_->port());
  client.bind_sasl(context, "GSSAPI");
  expect_served(client, "bob");
}

// Nobody has been given the right to act as bob, so the server's refusal shows that it has read the name.
TEST_F(SaslToOpenLdap, authorization_identity_reaches_the_server) {
  Credential user("Kerberos", SECPKG_CRED_OUTBOUND);
  SaslInitiator as_bob(user, {.target = "ldap/localhost", .requirements = kPrivacy, .authz = "u:bob"});
  LdapClient client(server_->port());
  EXPECT_THROW(client.bind_sasl(as_bob, "GSSAPI"), std::runtime_error);
  SaslInitiator as_alice(user, {.target = "ldap/localhost", .requirements = kPrivacy, .authz = "u:alice"});
  LdapClient again(server_->port());
  again.bind_sasl(as_alice, "GSSAPI");
  expect_served(again, "alice");
}

TEST_F(SaslToOpenLdap, spnego) {
  Credential user("Negotiate", SECPKG_CRED_OUTBOUND);
  SaslInitiator context(user, {.target = "ldap/localhost", .requirements = kPrivacy | ISC_REQ_MUTUAL_AUTH});
  LdapClient client(server_->port());
  client.bind_sasl(context, "GSS-SPNEGO");
  expect_served(client, "alice");
}

class SaslFromCyrus : public ::testing::Test {
 protected:
  // Both ways, in messages of several sizes, as they are on the wire: length and token.
  static void expect_messages_pass(CyrusClient& client, SaslAcceptor& server, ULONG qop) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{1000}, std::size_t{30000}}) {
      const Bytes sent = random_bytes(size, size);
      const Bytes wire = client.encode(sent);
      ASSERT_GT(wire.size(), 4U);
      Bytes plain;
      ULONG found = 7;
      ASSERT_STATUS(server.open_stream(Bytes(wire.begin() + 4, wire.end()), plain, &found), SEC_E_OK);
      EXPECT_EQ(plain, sent);
      EXPECT_EQ(found, qop);
      const Bytes token = server.seal(sent, qop).stream();
      EXPECT_EQ(client.decode(ByteBuilder().be(static_cast<std::uint32_t>(token.size())).add(token).take()), sent);
    }
  }

  World& world_ = world();
  Credential service_{"Kerberos", SECPKG_CRED_INBOUND};
};

TEST_F(SaslFromCyrus, gssapi_without_a_layer) {
  CyrusClient client({});
  SaslAcceptor server(service_);
  const Handshake handshake = negotiate(client, server);
  ASSERT_TRUE(handshake.complete()) << handshake.initiator.status << " / " << handshake.acceptor.status;
  EXPECT_EQ(client.strength(), 0U);
  EXPECT_EQ(server.attributes() & (ASC_RET_CONFIDENTIALITY | ASC_RET_INTEGRITY), 0U);
  EXPECT_EQ(server.client_name(), world_.realm.qualified("alice"));
}

TEST_F(SaslFromCyrus, gssapi_with_the_integrity_layer) {
  CyrusClient client({.least_strength = 1, .most_strength = 1});
  SaslAcceptor server(service_);
  const Handshake handshake = negotiate(client, server);
  ASSERT_TRUE(handshake.complete()) << handshake.initiator.status << " / " << handshake.acceptor.status;
  EXPECT_EQ(client.strength(), 1U);
  EXPECT_EQ(server.attributes() & (ASC_RET_CONFIDENTIALITY | ASC_RET_INTEGRITY), ULONG{ASC_RET_INTEGRITY});
  expect_messages_pass(client, server, SECQOP_WRAP_NO_ENCRYPT);
}

TEST_F(SaslFromCyrus, gssapi_with_the_privacy_layer) {
  CyrusClient client({.least_strength = 2, .most_strength = 256, .largest_message = 40000});
  SaslAcceptor server(service_, {.requirements = ASC_REQ_CONFIDENTIALITY});
  const Handshake handshake = negotiate(client, server);
  ASSERT_TRUE(handshake.complete()) << handshake.initiator.status << " / " << handshake.acceptor.status;
  EXPECT_GT(client.strength(), 1U);
  EXPECT_EQ(sasl_number(server, SASL_OPTION_SEND_SIZE), 40000U);
  expect_messages_pass(client, server, 0);
}

TEST_F(SaslFromCyrus, client_that_wants_less_than_the_server_demands_is_refused) {
  CyrusClient client({});
  SaslAcceptor server(service_, {.requirements = ASC_REQ_CONFIDENTIALITY});
  EXPECT_FALSE(negotiate(client, server).complete());
}

TEST_F(SaslFromCyrus, authorization_identity_arrives) {
  CyrusClient client({.most_strength = 256, .authz = "bob"});
  SaslAcceptor server(service_);
  ASSERT_TRUE(negotiate(client, server).complete());
  EXPECT_EQ(server.authz(), "bob");
  CyrusClient another({.most_strength = 256, .authz = "bob"});
  SaslAcceptor strict(service_, {.processing = Sasl_AuthZIDForbidden});
  EXPECT_FALSE(negotiate(another, strict).complete());
  EXPECT_STATUS(strict.status(), SEC_E_ALGORITHM_MISMATCH);
}

TEST_F(SaslFromCyrus, spnego) {
  Credential service("Negotiate", SECPKG_CRED_INBOUND);
  CyrusClient client({.mechanism = "GSS-SPNEGO", .least_strength = 2, .most_strength = 256});
  SaslAcceptor server(service);
  const Handshake handshake = negotiate(client, server);
  ASSERT_TRUE(handshake.complete()) << handshake.initiator.status << " / " << handshake.acceptor.status;
  expect_messages_pass(client, server, 0);
  EXPECT_EQ(server.client_name(), world_.realm.qualified("alice"));
}

}  // namespace
}  // namespace sspid::test
