// SASL's NTLM with Cyrus SASL at the other end: the bare messages of NTLM, and no security layer behind them. Cyrus'
// server takes NTLMv2 from us; its client is of another age.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "cyrus_client.h"
#include "cyrus_server.h"
#include "support/sasl_peer.h"
#include "support/world.h"

namespace sspid::test {
namespace {

const bool with_ntlm = realm_options().ntlm = true;

class SaslNtlm : public ::testing::Test {
 protected:
  World& world_ = world();
};

// It shows a password by NTLMv1's response alone, or LMv2's, and knows neither session security nor NTLMv2; its first
// message lacks what gss-ntlmssp reads of every one.
TEST_F(SaslNtlm, client_that_knows_the_oldest_responses_only_is_refused) {
  Credential service("NTLM", SECPKG_CRED_INBOUND);
  CyrusClient client({.mechanism = "NTLM", .user = "alice", .password = "alicepw"});
  SaslAcceptor server(service);
  const Leg hello = client.step({});
  ASSERT_EQ(hello.state, Leg::State::more) << hello.status;
  EXPECT_TRUE(server.step(hello.token).token.empty());
  EXPECT_STATUS(server.status(), SEC_E_INVALID_TOKEN);
}

class SaslNtlmToCyrus : public SaslNtlm {
 protected:
  static void SetUpTestSuite() {
    users_ = std::make_unique<CyrusUsers>();
    users_->add("alice", "alicepw");
  }
  static void TearDownTestSuite() { users_.reset(); }

  static inline std::unique_ptr<CyrusUsers> users_;
};

TEST_F(SaslNtlmToCyrus, password_of_its_database_logs_on) {
  Identity alice("alice", "EXAMPLE", "alicepw");
  Credential user("NTLM", SECPKG_CRED_OUTBOUND, alice.unicode());
  SaslInitiator client(user, {.target = "host/localhost"});
  CyrusServer server("NTLM");
  const Handshake handshake = negotiate(client, server);
  ASSERT_TRUE(handshake.complete()) << handshake.initiator.status << " / " << handshake.acceptor.status;
  EXPECT_EQ(server.user(), "alice");
}

TEST_F(SaslNtlmToCyrus, wrong_password_is_denied) {
  Identity alice("alice", "EXAMPLE", "not hers");
  Credential user("NTLM", SECPKG_CRED_OUTBOUND, alice.unicode());
  SaslInitiator client(user, {.target = "host/localhost"});
  CyrusServer server("NTLM");
  EXPECT_EQ(negotiate(client, server).acceptor.state, Leg::State::failed);
}

// It takes no session security that could protect messages soundly.
TEST_F(SaslNtlmToCyrus, protection_that_it_cannot_give_is_not_done_without) {
  Identity alice("alice", "EXAMPLE", "alicepw");
  Credential user("NTLM", SECPKG_CRED_OUTBOUND, alice.unicode());
  SaslInitiator client(user, {.target = "host/localhost", .requirements = ISC_REQ_INTEGRITY});
  CyrusServer server("NTLM");
  negotiate(client, server);
  EXPECT_STATUS(client.status(), SEC_E_UNSUPPORTED_FUNCTION);
}

}  // namespace
}  // namespace sspid::test
