// What the configuration makes of the packages, end to end: which are listed, a mechanism that nobody here knows more
// of than that GSS-API has it, and what a mistake in the file ends with.
#include <fstream>
#include <string>
#include <vector>

#include "calls.h"
#include "support/gss_peer.h"

namespace sspid::test {
namespace {

const bool with_ntlm = realm_options().ntlm = true;

class Configuration : public ::testing::Test {
 protected:
  /// With NTLM's users in any case.
  std::string offering(const std::string& packages) {
    return write(R"({"packages": {"offer": [)" + packages + R"(]}, "ntlm": {"users_file": ")" + realm_.users() +
                 "\"}}");
  }
  std::string write(const std::string& json) {
    const std::string path = directory_.file("sspid.json");
    std::ofstream{path, std::ios::trunc} << json;
    return path;
  }

  World& world_ = world();
  Realm& realm_ = world_.realm;
  Directory directory_;
  Variable socket_{"SSPI_SOCKET", ""};  // each daemon below sets it; afterwards it is the world's again
};

std::vector<std::string> packages() {
  ULONG count = 0;
  PSecPkgInfoA list = nullptr;
  must("EnumerateSecurityPackages", EnumerateSecurityPackagesA(&count, &list));
  std::vector<std::string> names;
  for (ULONG i = 0; i < count; ++i) names.emplace_back(list[i].Name);
  FreeContextBuffer(list);
  return names;
}

using Names = std::vector<std::string>;

TEST_F(Configuration, E_003_offers_what_it_names_and_nothing_else) {
  {
    const DaemonProcess daemon(realm_.environment(), {"--config", write("{}")});
    EXPECT_EQ(packages(), (Names{"Negotiate", "Kerberos"}));
  }
  {
    const DaemonProcess daemon(realm_.environment(),
                               {"--config", write(R"({"packages": {"offer": ["ntlm", "Negotiate"]}})")});
    EXPECT_EQ(packages(), (Names{"Negotiate", "NTLM"}));
    EXPECT_STATUS(Acquired({.package = "Kerberos"}).status, SEC_E_SECPKG_NOT_FOUND);
  }
}

bool has_ntlm(const Bytes& token) {
  const std::string text(token.begin(), token.end());
  return text.find("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a") != std::string::npos;
}

/// What gss-ntlmssp begins with, of itself.
Bytes raw_ntlm() {
  GssInitiator client({.target = "host@localhost", .mechanism = Mechanism::ntlm, .cache = {}, .bindings = {}});
  return client.step({}).token;
}

SECURITY_STATUS first_answer(Credential& inbound, const Bytes& token) {
  SspiAcceptor server(inbound);
  server.step(token);
  return server.status();
}

/// Neither end has to do with NTLM, although its mechanism is installed, with users and all.
void expect_no_ntlm(Credential& outbound, Credential& inbound) {
  SspiInitiator client(outbound, asking(kUsualRequirements));
  const Leg first = client.step({});
  EXPECT_STATUS(client.status(), SEC_I_CONTINUE_NEEDED);
  EXPECT_FALSE(has_ntlm(first.token));
  for (const char* target : {"nosuch/localhost", "EXAMPLE\\server", "server$", ""}) {
    SspiInitiator unknown(outbound, asking(kUsualRequirements, target));
    EXPECT_TRUE(unknown.step({}).token.empty());
    EXPECT_STATUS(unknown.status(), SEC_E_TARGET_UNKNOWN) << target;
  }
  SspiAcceptor asked(inbound);
  const Leg hint = asked.step({});
  EXPECT_STATUS(asked.status(), SEC_I_CONTINUE_NEEDED);
  EXPECT_FALSE(hint.token.empty());
  EXPECT_FALSE(has_ntlm(hint.token));
  EXPECT_STATUS(first_answer(inbound, raw_ntlm()), SEC_E_INVALID_TOKEN);
  Pair pair(outbound, inbound);
  EXPECT_EQ(pair.server.package(), "Kerberos");
}

TEST_F(Configuration, E_055_negotiation_does_without_an_NTLM_that_is_not_offered) {
  const DaemonProcess daemon(realm_.environment(), {"--config", offering(R"("Negotiate", "Kerberos")")});
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND), inbound("Negotiate", SECPKG_CRED_INBOUND);
  expect_no_ntlm(outbound, inbound);
  // Nor is it there for whom an identity would be enough.
  Identity alice("alice", "EXAMPLE", "alicepw");
  Credential outbound_of_alice("Negotiate", SECPKG_CRED_OUTBOUND, alice.unicode());
  Credential inbound_of_alice("Negotiate", SECPKG_CRED_INBOUND, alice.unicode());
  expect_no_ntlm(outbound_of_alice, inbound_of_alice);
}

TEST_F(Configuration, E_019_package_list_keeps_NTLM_out_of_both_directions) {
  const DaemonProcess daemon(realm_.environment(), {"--config", offering(R"("Negotiate", "Kerberos", "NTLM")")});
  {
    Credential inbound("Negotiate", SECPKG_CRED_INBOUND);
    EXPECT_STATUS(first_answer(inbound, raw_ntlm()), SEC_I_CONTINUE_NEEDED) << "what is kept out below";
  }
  Identity alice("alice", "EXAMPLE", "alicepw", "!ntlm");
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND, alice.unicode_ex());
  Credential inbound("Negotiate", SECPKG_CRED_INBOUND, alice.unicode_ex());
  expect_no_ntlm(outbound, inbound);
}

TEST_F(Configuration, users_file_is_the_one_it_names) {
  const std::string users = directory_.file("users");
  std::ofstream{users} << "EXAMPLE:dave:davepw\n";
  const DaemonProcess daemon(
      realm_.environment(),
      {"--config", write(R"({"packages": {"offer": ["NTLM"]}, "ntlm": {"users_file": ")" + users + "\"}}")});
  Identity dave("dave", "EXAMPLE", "davepw"), alice("alice", "EXAMPLE", "alicepw");
  Credential inbound("NTLM", SECPKG_CRED_INBOUND);
  const auto status_of = [&](Identity& identity) {
    Credential outbound("NTLM", SECPKG_CRED_OUTBOUND, identity.unicode());
    SspiInitiator client(outbound, asking(ISC_REQ_INTEGRITY));
    SspiAcceptor server(inbound);
    shake_hands(client, server);
    return server.status();
  };
  EXPECT_STATUS(status_of(dave), SEC_E_OK);
  EXPECT_STATUS(status_of(alice), SEC_E_LOGON_DENIED) << "the environment's file does not count";
  EXPECT_STATUS(Acquired({.package = "NTLM"}).status, SEC_E_NO_CREDENTIALS) << "no default user was named";
}

TEST_F(Configuration, E_022_NTLM_verifies_against_nothing_where_there_is_no_users_file) {
  const DaemonProcess daemon(realm_.environment(), {"--config", write(R"({"packages": {"offer": ["NTLM"]}})")});
  EXPECT_STATUS(Acquired({.package = "NTLM", .use = SECPKG_CRED_INBOUND}).status, SEC_E_NO_CREDENTIALS);
  Identity alice("alice", "EXAMPLE", "alicepw");
  EXPECT_STATUS(Acquired({.package = "NTLM", .use = SECPKG_CRED_INBOUND, .identity = alice.unicode()}).status,
                SEC_E_OK);
}

TEST_F(Configuration, any_mechanism_can_be_a_package) {
  const DaemonProcess daemon(realm_.environment(), {"--config", write(R"({"packages": {"offer": ["Kerberos", "IAKERB"],
                             "mechanisms": {"IAKERB": {"oid": "1.3.6.1.5.2.5", "comment": "through the server"}}}})")});
  EXPECT_EQ(packages(), (Names{"Kerberos", "IAKERB"}));
  Identity alice("alice", realm_.name(), "alicepw");
  Credential outbound("IAKERB", SECPKG_CRED_OUTBOUND, alice.unicode());
  Credential inbound("IAKERB", SECPKG_CRED_INBOUND);
  Pair pair(outbound, inbound);
  EXPECT_GT(pair.handshake.tokens, 3U) << "the server asks the KDC on behalf of its client";
  EXPECT_EQ(pair.server.package(), "IAKERB");
  expect_messages_pass(pair.client, pair.server);
  expect_messages_pass(pair.server, pair.client);
}

TEST_F(Configuration, mistakes_end_the_start_with_line_column_and_key) {
  const std::string path = write("{\n  \"packages\": {\"ofer\": []}\n}");
  const auto ended =
      run({built_program("sspid"), "--socket", directory_.file("sock"), "--config", path}, realm_.environment());
  EXPECT_NE(ended.status, 0);
  EXPECT_NE(ended.output.find(path + ":2:16: packages.ofer: there is no such key"), std::string::npos) << ended.output;
}

}  // namespace
}  // namespace sspid::test
