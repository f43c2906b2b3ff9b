// The SASL functions where there is NTLM. Against others see interop/sasl_ntlm_test.cpp.
#include <algorithm>
#include <string>
#include <vector>

#include "calls.h"
#include "support/sasl_peer.h"

namespace sspid::test {
namespace {

const bool with_ntlm = realm_options().ntlm = true;

class SaslWithNtlm : public ::testing::Test {
 protected:
  World& world_ = world();
};

TEST_F(SaslWithNtlm, profile_is_listed_and_found) {
  LPSTR list = nullptr;
  ULONG count = 0;
  ASSERT_STATUS(SaslEnumerateProfilesA(&list, &count), SEC_E_OK);
  std::vector<std::string> names;
  for (const char* at = list; *at != '\0'; at += names.back().size() + 1) names.emplace_back(at);
  FreeContextBuffer(list);
  EXPECT_EQ(count, 3U);
  EXPECT_EQ(names, (std::vector<std::string>{"GSSAPI", "GSS-SPNEGO", "NTLM"}));

  std::string profile = "ntlm";
  PSecPkgInfoA info = nullptr;
  ASSERT_STATUS(SaslGetProfilePackageA(profile.data(), &info), SEC_E_OK);
  EXPECT_STREQ(info->Name, "NTLM");
  FreeContextBuffer(info);
  Buffers offer;
  offer.add(SECBUFFER_TOKEN, bytes_of("CRAM-MD5 NTLM GSSAPI"));
  ASSERT_STATUS(SaslIdentifyPackageA(offer.get(), &info), SEC_E_OK);
  EXPECT_STREQ(info->Name, "NTLM");
  FreeContextBuffer(info);
}

// As GSS-SPNEGO has none: the context's flags decide.
TEST_F(SaslWithNtlm, exchange_is_NTLMs_own_without_a_security_layer_behind_it) {
  Credential user("NTLM", SECPKG_CRED_OUTBOUND), service("NTLM", SECPKG_CRED_INBOUND);
  for (const ULONG requirements : {ULONG{0}, ULONG{ISC_REQ_INTEGRITY}, ULONG{ISC_REQ_CONFIDENTIALITY}}) {
    SaslInitiator client(user, {.target = kTarget, .requirements = requirements});
    SaslAcceptor server(service);
    const Bytes hello = client.step({}).token;
    const Bytes challenge = server.step(hello).token;
    const Leg proof = client.step(challenge);
    ASSERT_STATUS(client.status(), SEC_E_OK);
    for (const Bytes& token : {hello, challenge, proof.token})
      EXPECT_EQ(text_of(token).substr(0, 8), std::string("NTLMSSP\0", 8)) << "nothing is put around the messages";
    const Leg last = server.step(proof.token);
    ASSERT_STATUS(server.status(), SEC_E_OK);
    EXPECT_TRUE(last.token.empty());
    EXPECT_EQ(server.user_name(), "EXAMPLE\\alice");
    if (requirements == ISC_REQ_CONFIDENTIALITY) expect_messages_pass(client, server);
    client.step({});
    EXPECT_STATUS(client.status(), SEC_E_UNSUPPORTED_FUNCTION) << "all has been said";
  }
}

TEST_F(SaslWithNtlm, negotiation_may_choose_it) {
  Credential user("Negotiate", SECPKG_CRED_OUTBOUND), service("Negotiate", SECPKG_CRED_INBOUND);
  SaslInitiator client(user, {.target = "", .requirements = ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY});
  SaslAcceptor server(service);
  const Handshake handshake = negotiate(client, server);
  ASSERT_TRUE(handshake.complete()) << handshake.initiator.status << " / " << handshake.acceptor.status;
  EXPECT_EQ(server.package(), "NTLM");
  expect_messages_pass(client, server);
}

TEST_F(SaslWithNtlm, wrong_password_shows_on_the_server) {
  Identity wrong("alice", "EXAMPLE", "not hers");
  Credential user("NTLM", SECPKG_CRED_OUTBOUND, wrong.unicode()), service("NTLM", SECPKG_CRED_INBOUND);
  SaslInitiator client(user, {.target = kTarget});
  SaslAcceptor server(service);
  negotiate(client, server);
  EXPECT_STATUS(server.status(), SEC_E_LOGON_DENIED);
}

}  // namespace
}  // namespace sspid::test
