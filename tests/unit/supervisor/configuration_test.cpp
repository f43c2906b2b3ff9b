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
  EXPECT_EQ(parse("{}").own.packages, (Names{"Negotiate", "Kerberos"}));
  EXPECT_EQ(parse("{}").ntlm, std::nullopt);
}

TEST(Configuration, HoldsEveryKeyOfItsOwnUser) {
  const Configuration read = parse(R"({
    "packages": {"offer": ["Negotiate", "ntlm", "IAKERB"],
                 "mechanisms": {"IAKERB": {"oid": "1.3.6.1.5.2.5", "comment": "through the server"}}},
    "ntlm": {"users_file": "/etc/users", "default_user": "EXAMPLE\\alice"}})");
  EXPECT_FALSE(read.has_policy);
  Grant expected = Grant::everything();
  expected.packages = {"Negotiate", "ntlm", "IAKERB"};
  expected.mechanisms = {{"IAKERB", "1.3.6.1.5.2.5", "through the server"}};
  expected.ntlm_default_user = "EXAMPLE\\alice";
  EXPECT_EQ(read.own, expected);
  EXPECT_EQ(read.ntlm, (NtlmUsers{"/etc/users", "EXAMPLE\\alice"}));
}

TEST(Configuration, HoldsEveryKeyOfAService) {
  const Configuration read = parse(R"({"services": {"web": {
    "match": {"user": "33", "group": "34", "unit": "apache2.service", "executable": "/usr/sbin/apache2"},
    "socket": {"path": "/run/web.sock", "owner": "35", "group": "36", "mode": "0660"},
    "accept": {"keytab": "/etc/http.keytab", "principals": ["HTTP/www"]},
    "initiate": {"client_keytab": "/etc/client.keytab", "principal": "HTTP/www", "targets": ["ldap/*"]},
    "delegate": {"s4u2self": true, "s4u2proxy": ["postgres/db"], "forwarded": ["HTTP/*"]},
    "ntlm": {"users_file": "/etc/users", "default_user": "*"},
    "packages": ["Kerberos"],
    "session_key": "allow",
    "quotas": {"connections": 10, "contexts": 20, "memory_mib": 64, "requests_per_second": 30}}}})");
  EXPECT_TRUE(read.has_policy);
  const Service& web = read.services.at("web");
  EXPECT_EQ(web.match, (Match{33, 34, "apache2.service", "/usr/sbin/apache2"}));
  EXPECT_EQ(web.socket, (SocketPlace{"/run/web.sock", 35, 36, 0660}));
  EXPECT_EQ(web.accept, (KeyFile{"/etc/http.keytab", {"HTTP/www"}}));
  EXPECT_EQ(web.initiate_by, (KeyFile{"/etc/client.keytab", {"HTTP/www"}}));
  EXPECT_EQ(web.ntlm, (NtlmUsers{"/etc/users", "*"}));
  Grant grant;
  grant.identity = "service web";
  grant.section = "services.web";
  grant.packages = {"Kerberos"};
  grant.accept = grant.initiate = grant.by_client_keytab = grant.s4u2self = grant.session_key = true;
  grant.initiator = "HTTP/www";
  grant.targets = {"ldap/*"};
  grant.s4u2proxy = {"postgres/db"};
  grant.forwarded = {"HTTP/*"};
  grant.ntlm_default_user = "*";
  grant.quotas = {.connections = 10, .contexts = 20, .memory_mib = 64, .requests_per_second = 30};
  EXPECT_EQ(web.grant, grant);
}

TEST(Configuration, ServiceMayDoNothingThatIsNotGranted) {
  const Configuration read = parse(R"({"services": {"web": {"match": {"user": "33"}}}})");
  Grant nothing;
  nothing.identity = "service web";
  nothing.section = "services.web";
  nothing.packages = {"Negotiate", "Kerberos"};
  nothing.s4u2proxy = nothing.forwarded = Names{};
  EXPECT_EQ(read.services.at("web").grant, nothing);
}

TEST(Configuration, UsersInitiateWithTheirOwnTicketsAndNothingElse) {
  for (const char* text : {R"({"users": {}})", R"({"services": {}})"}) {
    const Configuration read = parse(text);
    EXPECT_TRUE(read.has_policy);
    Grant usual;
    usual.identity = "user";
    usual.section = "users";
    usual.packages = {"Negotiate", "Kerberos"};
    usual.initiate = usual.session_key = true;
    usual.s4u2proxy = usual.forwarded = Names{};
    EXPECT_EQ(read.users, usual) << text;
  }
  EXPECT_EQ(parse(R"({"users": {"serve": false}})").users, std::nullopt);
  const Configuration read =
      parse(R"({"users": {"initiate": false, "accept": true, "session_key": "deny", "packages": ["NTLM"],
                          "quotas": {"contexts": 5}}})");
  EXPECT_FALSE(read.users->initiate);
  EXPECT_TRUE(read.users->accept);
  EXPECT_FALSE(read.users->session_key);
  EXPECT_EQ(read.users->packages, Names{"NTLM"});
  EXPECT_EQ(read.users->quotas.contexts, 5U);
}

TEST(Configuration, SocketThatIsOnlyNamedIsOpenToWhomItsServiceIsMatchedBy) {
  const auto socket = [](const char* match) {
    return parse(std::string(R"({"services": {"a": {"socket": "/run/a.sock")") + match + "}}}").services.at("a").socket;
  };
  EXPECT_EQ(socket(""), (SocketPlace{"/run/a.sock", 0, 0, 0600}));
  EXPECT_EQ(socket(R"(, "match": {"user": "7"})"), (SocketPlace{"/run/a.sock", 7, 0, 0600}));
  EXPECT_EQ(socket(R"(, "match": {"group": "7"})"), (SocketPlace{"/run/a.sock", 0, 7, 0660}));
}

TEST(Configuration, AccountsAreNamedOrNumbered) {
  const Configuration read =
      parse(R"({"services": {"a": {"match": {"user": "root", "group": "root"}}}, "admin": {"group": "root"}})");
  EXPECT_EQ(read.services.at("a").match, (Match{0, 0, {}, {}}));
  EXPECT_EQ(read.admin_group, 0U);
}

TEST(Configuration, IsWhatTheEnvironmentSaysWithoutAFile) {
  EXPECT_EQ(configuration_without_file(nullptr).own, Grant::everything());
  EXPECT_EQ(configuration_without_file(nullptr).ntlm, std::nullopt);
  EXPECT_EQ(configuration_without_file("").ntlm, std::nullopt);
  EXPECT_EQ(configuration_without_file("/tmp/users").ntlm, (NtlmUsers{"/tmp/users", "*"}));
  EXPECT_EQ(configuration_without_file("/tmp/users").own.ntlm_default_user, "*");
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
        Mistake{"{\"ntlm\": {},\n \"users\": {}}",
                "f.json:1:2: ntlm: stands in a service where there are services or users"},
        Mistake{"{\"users\": {\"accept\": 1}}", "f.json:1:12: users.accept: must be true or false"},
        Mistake{"{\"users\": {\"session_key\": \"no\"}}",
                "f.json:1:12: users.session_key: must be \"allow\" or \"deny\""},
        Mistake{"{\"users\": {\"quotas\": {\"contexts\": 0}}}",
                "f.json:1:23: users.quotas.contexts: must be a whole number from 1 to 1000000000"},
        Mistake{"{\"users\": {\"quotas\": {\"contexts\": 1.5}}}",
                "f.json:1:23: users.quotas.contexts: must be a whole number from 1 to 1000000000"},
        Mistake{"{\"services\": {\"a\": {}}}", "f.json:1:15: services.a: needs a \"match\" or a \"socket\""},
        Mistake{"{\"services\": {\"a/b\": {}}}",
                "f.json:1:15: services.a/b: is no name of a service: up to 64 of a-z A-Z 0-9 - _ ."},
        Mistake{"{\"services\": {\"..\": {}}}",
                "f.json:1:15: services...: is no name of a service: up to 64 of a-z A-Z 0-9 - _ ."},
        Mistake{"{\"services\": {\"a\": {\"match\": {\"unit\": \"x.service\"}}}}",
                "f.json:1:21: services.a.match: needs a \"user\" or a \"group\": unit and executable only narrow them"},
        Mistake{"{\"services\": {\"a\": {\"match\": {\"user\": \"no such user\"}}}}",
                "f.json:1:31: services.a.match.user: there is no user \"no such user\""},
        Mistake{"{\"services\": {\"a\": {\"socket\": \"run/a\"}}}",
                "f.json:1:21: services.a.socket: must be an absolute path"},
        Mistake{"{\"services\": {\"a\": {\"socket\": {\"path\": \"/a\", \"mode\": \"999\"}}}}",
                "f.json:1:46: services.a.socket.mode: must be three octal digits like \"0660\""},
        Mistake{"{\"services\": {\"a\": {\"socket\": \"/a\"}, \"b\": {\"socket\": \"/a\"}}}",
                "f.json:1:38: services.b: has the socket of another service"},
        Mistake{"{\"services\": {\"a\": {\"socket\": \"/a\", \"accept\": {}}}}",
                "f.json:1:37: services.a.accept: needs \"keytab\""},
        Mistake{"{\"services\": {\"a\": {\"socket\": \"/a\", \"initiate\": {\"principal\": \"p\"}}}}",
                "f.json:1:50: services.a.initiate.principal: is of \"client_keytab\", which is missing"},
        Mistake{"{\"services\": {\"a\": {\"socket\": \"/a\", \"packages\": [\"Schannel\"]}}}",
                "f.json:1:59: services.a.packages[0]: there is no package \"Schannel\""},
        Mistake{"{\"workers\": {\"first_uid\": 9, \"last_uid\": 8}}",
                "f.json:1:2: workers: \"first_uid\" is behind \"last_uid\""},
        Mistake{"{\"workers\": {\"first_uid\": 9, \"last_uid\": 9},\n \"services\": {\"a\": {\"socket\": \"/a\"}, "
                "\"b\": {\"socket\": \"/b\"}}}",
                "f.json:2:15: services.a: is one service more than \"workers\" has uids"},
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

// ---- conf.d ----

class Folder : public ::testing::Test {
 protected:
  Folder() { std::filesystem::create_directory(directory_.file("conf.d")); }
  void write(const std::string& name, const std::string& text) const { std::ofstream{directory_.file(name)} << text; }
  [[nodiscard]] Configuration read() const { return read_configuration(directory_.file("sspid.json")); }
  [[nodiscard]] std::string complaint() const {
    try {
      static_cast<void>(read());
    } catch (const std::exception& error) {
      std::string said = error.what();
      const std::string here = directory_.file("");
      for (std::size_t at; (at = said.find(here)) != said.npos;) said.erase(at, here.size());
      return said;
    }
    return "none";
  }

  test::Directory directory_;
};

TEST_F(Folder, AddsServicesUp) {
  write("sspid.json", R"({"services": {"a": {"socket": "/a"}}})");
  write("conf.d/b.json", R"({"services": {"b": {"socket": "/b", "packages": ["X"]}}})");
  write("conf.d/x.json", R"({"packages": {"mechanisms": {"X": {"oid": "1.2.3"}}}})");
  write("conf.d/c.json.dpkg-new", "this is nothing");
  const Configuration all = read();
  EXPECT_EQ(all.services.size(), 2U);
  EXPECT_EQ(all.services.at("b").grant.packages, Names{"X"}) << "defined in a later file";
  EXPECT_EQ(all.services.at("a").grant.mechanisms.size(), 1U);
}

TEST_F(Folder, SameThingTwiceIsToldWithBothFiles) {
  write("sspid.json", R"({"users": {}, "services": {"a": {"socket": "/a"}}})");
  write("conf.d/b.json", R"({"users": {}})");
  EXPECT_EQ(complaint(), "conf.d/b.json:1:2: users: stands in sspid.json already");
  write("conf.d/b.json", "{\"services\":\n {\"a\": {\"socket\": \"/b\"}}}");
  EXPECT_EQ(complaint(), "conf.d/b.json:2:3: services.a: stands in sspid.json already");
  write("conf.d/b.json", R"({"services": {"b": {"socket": "/a"}}})");
  EXPECT_EQ(complaint(), "conf.d/b.json:1:15: services.b: has the socket of another service");
}

TEST_F(Folder, MistakeIsToldWithItsFile) {
  write("sspid.json", "{}");
  write("conf.d/b.json", "{\n\n\"user\": {}}");
  EXPECT_EQ(complaint(), "conf.d/b.json:3:1: user: there is no such key");
}

}  // namespace
}  // namespace sspid::supervisor
