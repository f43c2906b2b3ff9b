// Who did what leaves one line, in words or as JSON, and no client can write another one.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "context_pair.h"
#include "support/world.h"

namespace sspid::test {
namespace {

using nlohmann::json;

/// Lines of a log, each an object.
std::vector<json> lines_of(const std::string& log) {
  std::vector<json> lines;
  for (std::size_t begin = 0; begin < log.size();) {
    const std::size_t end = std::min(log.find('\n', begin), log.size());
    lines.push_back(json::parse(log.substr(begin, end - begin)));
    begin = end + 1;
  }
  return lines;
}

class Audit : public ::testing::Test {
 protected:
  Audit() : daemon_(world().realm.environment(), {"--log-format", "json", "--log-level", "error"}) {}
  ~Audit() override { ::setenv("SSPI_SOCKET", world().daemon.socket().c_str(), 1); }

  [[nodiscard]] std::vector<json> events(const std::string& event) const {
    std::vector<json> found;
    for (json& line : lines_of(daemon_.log()))
      if (line.value("event", "") == event) found.push_back(std::move(line));
    return found;
  }
  [[nodiscard]] json only(const std::string& event) const {
    const auto found = events(event);
    EXPECT_EQ(found.size(), 1U) << event << '\n' << daemon_.log();
    return found.empty() ? json::object() : found.back();
  }

  static void expect_client(const json& line) {
    EXPECT_EQ(line.value("pid", 0), ::getpid());
    EXPECT_EQ(line.value("uid", -1), static_cast<int>(::getuid()));
    EXPECT_EQ(line.value("identity", ""), "own user");
    EXPECT_TRUE(line.value("us", json()).is_number_unsigned()) << line;
    EXPECT_NE(line.value("request", "").find('.'), std::string::npos) << line;
    EXPECT_EQ(line.value("level", ""), "info");
    EXPECT_EQ(line.value("role", ""), "worker");
  }

  Realm& realm_ = world().realm;
  DaemonProcess daemon_;
};

TEST_F(Audit, every_line_is_one_object_and_the_level_does_not_silence_the_trail) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  const auto lines = lines_of(daemon_.log());
  ASSERT_FALSE(lines.empty());
  for (const json& line : lines) EXPECT_EQ(line.value("message", ""), "audit") << line;
}

TEST_F(Audit, a_credential_has_one_line) {
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  const json line = only("credential");
  expect_client(line);
  EXPECT_EQ(line.value("package", ""), "Negotiate");
  EXPECT_EQ(line.value("own", ""), realm_.qualified("alice"));
  EXPECT_EQ(line.value("use", ""), "outbound");
  EXPECT_EQ(line.value("source", ""), "own");
  EXPECT_EQ(line.value("status", ""), "SEC_E_OK");
}

TEST_F(Audit, a_credential_that_is_not_given_says_why) {
  CredHandle none{};
  char package[] = "Kerberos", nobody[] = "nobody/known";
  EXPECT_STATUS(AcquireCredentialsHandleA(nobody, package, SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr,
                                          &none, nullptr),
                SEC_E_NO_CREDENTIALS);
  const json line = only("credential");
  EXPECT_EQ(line.value("own", ""), "nobody/known");
  EXPECT_EQ(line.value("status", ""), "SEC_E_NO_CREDENTIALS");
  EXPECT_FALSE(line.value("detail", "").empty());
}

TEST_F(Audit, a_credential_with_a_password_names_its_user_and_no_password) {
  Identity bob("bob", "EXAMPLE.TEST", "bobpw");
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND, bob.unicode());
  const json line = only("credential");
  EXPECT_EQ(line.value("source", ""), "password");
  EXPECT_NE(line.value("own", "").find("bob"), std::string::npos) << line;
  EXPECT_EQ(daemon_.log().find("bobpw"), std::string::npos);
}

TEST_F(Audit, a_context_has_one_line_at_each_end) {
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  Credential inbound("Negotiate", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);
  const auto lines = events("context");
  ASSERT_EQ(lines.size(), 2U) << daemon_.log();
  std::map<std::string, json> ends;
  for (const json& line : lines) {
    expect_client(line);
    EXPECT_EQ(line.value("status", ""), "SEC_E_OK");
    EXPECT_EQ(line.value("package", ""), "Kerberos");
    EXPECT_EQ(line.value("negotiated", ""), "yes");
    EXPECT_NE(line.value("flags", "").find("mutual"), std::string::npos) << line;
    ends[line.value("end", "")] = line;
  }
  const std::string alice = realm_.qualified("alice"), host = realm_.qualified("host/localhost");
  EXPECT_EQ(ends["initiator"].value("own", ""), alice);
  EXPECT_EQ(ends["initiator"].value("peer", ""), host);
  EXPECT_EQ(ends["initiator"].value("target", ""), "host/localhost");
  EXPECT_EQ(ends["acceptor"].value("own", ""), host);
  EXPECT_EQ(ends["acceptor"].value("peer", ""), alice);
}

TEST_F(Audit, a_context_that_fails_has_its_line_too) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  SspiInitiator client(outbound, "nosuch/localhost");
  (void)client.step({});
  EXPECT_STATUS(client.status(), SEC_E_TARGET_UNKNOWN);
  const json refused = only("context");
  EXPECT_EQ(refused.value("target", ""), "nosuch/localhost");
  EXPECT_EQ(refused.value("status", ""), "SEC_E_TARGET_UNKNOWN");
  EXPECT_EQ(refused.value("own", ""), realm_.qualified("alice"));
  EXPECT_FALSE(refused.contains("flags"));
}

TEST_F(Audit, a_session_key_that_leaves_has_a_line_without_the_key) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);
  const auto key = pair.client.attribute<SecPkgContext_SessionKey>(SECPKG_ATTR_SESSION_KEY);
  FreeContextBuffer(key.SessionKey);
  EXPECT_EQ(only("session key").value("own", ""), realm_.qualified("alice"));
}

TEST_F(Audit, contexts_that_move_are_named_where_they_arrive) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);
  const SspiImported imported("Kerberos", pair.server.packed(SECPKG_CONTEXT_EXPORT_DELETE_OLD));
  EXPECT_EQ(only("import").value("peer", ""), realm_.qualified("alice"));
}

TEST_F(Audit, no_name_forges_a_line_or_a_fact) {
  CredHandle none{};
  char package[] = "Kerberos";
  char forged[] = "x\" status=\"SEC_E_OK\"\n{\"event\":\"credential\",\"own\":\"root\"}";
  (void)AcquireCredentialsHandleA(forged, package, SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr, &none,
                                  nullptr);
  const json line = only("credential");
  EXPECT_NE(line.value("status", ""), "SEC_E_OK");
  EXPECT_EQ(line.value("own", ""), forged);
}

TEST(AuditText, has_the_same_facts_in_one_line) {
  const std::string before = world().daemon.log();
  char package[] = "Kerberos";
  char forged[] = "x\" status=\"SEC_E_OK\"\nforged";
  CredHandle none{};
  (void)AcquireCredentialsHandleA(forged, package, SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr, &none,
                                  nullptr);
  const std::string line = world().daemon.log().substr(before.size());
  EXPECT_NE(line.find("audit event=credential request="), line.npos) << line;
  EXPECT_NE(line.find(R"(own="x\" status=\"SEC_E_OK\"\x0aforged")"), line.npos) << line;
  EXPECT_NE(line.find(" status=SEC_E_NO_CREDENTIALS us="), line.npos) << line;
}

}  // namespace
}  // namespace sspid::test
