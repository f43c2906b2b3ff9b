// What the configuration makes of the packages, end to end: which are listed, a mechanism that nobody here knows more
// of than that GSS-API has it, and what a mistake in the file ends with.
#include <fstream>
#include <string>
#include <vector>

#include "calls.h"

namespace sspid::test {
namespace {

const bool with_ntlm = realm_options().ntlm = true;

class Configuration : public ::testing::Test {
 protected:
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
