#include "daemon/supervisor/configuration.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "daemon/supervisor/json.h"
#include "scratch.h"

namespace sspid::supervisor {
namespace {

using Names = std::vector<std::string>;

Configuration parse(const std::string& text) { return parse_configuration(text, "f.json"); }

std::string complaint(const std::string& text) {
  try {
    static_cast<void>(parse(text));
  } catch (const json::Error& error) {
    return error.what();
  }
  return "none";
}

TEST(Configuration, OffersNoNtlmUnlessAskedTo) {
  EXPECT_EQ(parse("{}").offer, (Names{"Negotiate", "Kerberos"}));
  EXPECT_EQ(parse("{}").users_file, std::nullopt);
}

TEST(Configuration, HoldsEveryKey) {
  const Configuration read = parse(R"({
    "packages": {"offer": ["Negotiate", "ntlm", "IAKERB"],
                 "mechanisms": {"IAKERB": {"oid": "1.3.6.1.5.2.5", "comment": "through the server"}}},
    "ntlm": {"users_file": "/etc/users", "default_user": "EXAMPLE\\alice"}})");
  EXPECT_EQ(read.offer, (Names{"Negotiate", "ntlm", "IAKERB"}));
  EXPECT_EQ(read.mechanisms, (std::vector<Mechanism>{{"IAKERB", "1.3.6.1.5.2.5", "through the server"}}));
  EXPECT_EQ(read.users_file, "/etc/users");
  EXPECT_EQ(read.default_user, "EXAMPLE\\alice");
}

TEST(Configuration, IsWhatTheEnvironmentSaysWithoutAFile) {
  EXPECT_EQ(configuration_without_file(nullptr).offer, std::nullopt);
  EXPECT_EQ(configuration_without_file(nullptr).users_file, std::nullopt);
  EXPECT_EQ(configuration_without_file("").users_file, std::nullopt);
  EXPECT_EQ(configuration_without_file("/tmp/users").users_file, "/tmp/users");
  EXPECT_EQ(configuration_without_file("/tmp/users").default_user, "*");
}

struct Mistake {
  const char* text;
  const char* complaint;
};
void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.text; }
class Mistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, AreToldWithLineColumnAndKey) { EXPECT_EQ(complaint(GetParam().text), GetParam().complaint); }

INSTANTIATE_TEST_SUITE_P(
    All, Mistakes,
    ::testing::Values(
        Mistake{"{\n  \"package\": {}\n}", "f.json:2:3: package: there is no such key"},
        Mistake{"{\"packages\":\n {\"ofer\": []}}", "f.json:2:3: packages.ofer: there is no such key"},
        Mistake{"{\"packages\": {\"offer\": \"NTLM\"}}", "f.json:1:15: packages.offer: must be a list of texts"},
        Mistake{"{\"packages\": []}", "f.json:1:2: packages: must be an object"},
        Mistake{"{\"ntlm\": {\"users_file\": 3}}", "f.json:1:11: ntlm.users_file: must be a text"},
        Mistake{"{\"ntlm\": {\"users_file\": \"\"}}", "f.json:1:11: ntlm.users_file: must be a text"},
        Mistake{"{\"ntlm\": {\"default_user\": \"a\"}}",
                "f.json:1:11: ntlm.default_user: is looked up in \"users_file\", which is missing"},
        Mistake{"{\"ntlm\": {}, \"ntlm\": {}}", "f.json:1:14: ntlm: is here twice"},
        Mistake{"{\"packages\": {\"mechanisms\": {\"X\": {}}}}",
                "f.json:1:30: packages.mechanisms.X: needs an \"oid\""},
        Mistake{"{\"packages\": {\"mechanisms\": {\"X\": {\"oid\": \"1.x\"}}}}",
                "f.json:1:36: packages.mechanisms.X.oid: must be an object identifier like \"1.3.6.1.5.2.5\""},
        Mistake{"{\"packages\": {\"mechanisms\": {\"ntlm\": {\"oid\": \"1.2\"}}}}",
                "f.json:1:30: packages.mechanisms.ntlm: is a package of its own"},
        Mistake{"{\"packages\": {\"mechanisms\": {\"a=b\": {\"oid\": \"1.2\"}}}}",
                "f.json:1:30: packages.mechanisms.a=b: is no name of a package"}));

TEST(Configuration, UnknownPackageIsTold) {
  const std::string said = complaint("{\"packages\": {\"offer\": [\"Kerberos\",\n \"Schannel\"]}}");
  EXPECT_EQ(said.find("f.json:2:"), 0U) << said;
  EXPECT_NE(said.find("packages.offer[1]: there is no package \"Schannel\""), std::string::npos) << said;
}

TEST(Configuration, WhatIsNoJsonIsToldWithItsPlace) {
  for (const char* text : {"", "{", "{\n\"a\" 1}", "[1,]", "{}x", "{\"a\": \"\x01\"}", "\xff"}) {
    const std::string said = complaint(text);
    EXPECT_EQ(said.find("f.json:"), 0U) << said;
  }
  EXPECT_EQ(complaint("{\n\n  \"ntlm\" 1}").find("f.json:3:"), 0U);
  EXPECT_NE(complaint("[]"), "none");
  EXPECT_NE(complaint(std::string(100'000, '[')), "none") << "nested too deeply";
}

TEST(Configuration, FileThatIsNotThereIsAnError) {
  EXPECT_THROW(static_cast<void>(read_configuration("/nonexistent/sspid.json")), std::runtime_error);
  const test::Directory directory;
  std::ofstream{directory.file("c.json")} << "{}";
  EXPECT_NO_THROW(static_cast<void>(read_configuration(directory.file("c.json"))));
}

}  // namespace
}  // namespace sspid::supervisor
