// OpenLDAP at the other end: SASL GSSAPI with each layer of RFC 4752, and GSS-SPNEGO.
#include "slapd.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "ldap.h"
#include "support/world.h"

namespace sspid::test {
namespace {

class OpenLdap : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<Slapd>(world().realm); }
  static void TearDownTestSuite() { server_.reset(); }

  // Who has logged on can read, and a long answer arrives whole.
  static void expect_served(LdapClient& client, const std::string& user) {
    EXPECT_EQ(client.who_am_i(), "dn:uid=" + user + ",dc=example,dc=test");
    const std::vector<LdapClient::Entry> entries = client.search("dc=example,dc=test");
    ASSERT_EQ(entries.size(), 3U) << server_->log();
    EXPECT_EQ(entries[0].name, "dc=example,dc=test");
    EXPECT_EQ(entries[1].name, "uid=alice,dc=example,dc=test");
    EXPECT_GT(entries[1].size, Slapd::kLongValue);
    EXPECT_GT(entries[2].size, Slapd::kLongValue);
    EXPECT_EQ(client.who_am_i(), "dn:uid=" + user + ",dc=example,dc=test");
  }

  static inline std::unique_ptr<Slapd> server_;
};

TEST_F(OpenLdap, anonymous_reads_nothing) {
  LdapClient client(server_->port());
  EXPECT_EQ(client.who_am_i(), "");
  EXPECT_THROW((void)client.search("dc=example,dc=test"), std::runtime_error);
}

TEST_F(OpenLdap, gssapi_without_a_layer) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  SspiInitiator context(outbound, "ldap/localhost");
  LdapClient client(server_->port());
  client.bind_gssapi(context, SaslLayer::none);
  expect_served(client, "alice");
}

TEST_F(OpenLdap, gssapi_with_the_integrity_layer) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  SspiInitiator context(outbound, "ldap/localhost");
  LdapClient client(server_->port());
  client.bind_gssapi(context, SaslLayer::integrity);
  expect_served(client, "alice");
}

TEST_F(OpenLdap, gssapi_with_the_privacy_layer) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  SspiInitiator context(outbound, "ldap/localhost");
  LdapClient client(server_->port());
  client.bind_gssapi(context, SaslLayer::privacy);
  expect_served(client, "alice");
}

TEST_F(OpenLdap, gssapi_with_a_password) {
  Identity bob("bob", "EXAMPLE.TEST", "bobpw");
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND, bob.unicode());
  SspiInitiator context(outbound, "ldap/localhost");
  LdapClient client(server_->port());
  client.bind_gssapi(context, SaslLayer::privacy);
  expect_served(client, "bob");
}

TEST_F(OpenLdap, spnego) {
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  SspiInitiator context(outbound, "ldap/localhost");
  LdapClient client(server_->port());
  client.bind_spnego(context);
  EXPECT_EQ(context.package(), "Kerberos");
  expect_served(client, "alice");
}

TEST_F(OpenLdap, garbage_is_refused) {
  LdapClient client(server_->port());
  EXPECT_EQ(client.bind("GSSAPI", random_bytes(200)).code, LdapClient::kInvalidCredentials);
}

}  // namespace
}  // namespace sspid::test
