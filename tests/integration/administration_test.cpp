// Several identities in the administrator's eyes: each has its own numbers, and what policy refuses leaves its rule.
#include <algorithm>

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "served.h"

namespace sspid::test {
namespace {

using nlohmann::json;

class Administration : public Served {
 protected:
  [[nodiscard]] Result sspictl(std::vector<std::string> words, std::vector<std::string> before = {}) const {
    std::vector<std::string> command = std::move(before);
    command.insert(command.end(), {built_program("sspictl"), "--socket", daemon_->socket()});
    command.insert(command.end(), words.begin(), words.end());
    return run(command, realm().environment());
  }
  [[nodiscard]] json told(const std::string& command) const {
    const Result result = sspictl({"--json", command});
    EXPECT_EQ(result.status, 0) << result.output;
    return json::parse(result.output);
  }
  static std::vector<std::string> as(unsigned uid, unsigned gid) {
    return {"setpriv", "--reuid", std::to_string(uid), "--regid", std::to_string(gid), "--clear-groups", "--"};
  }
  [[nodiscard]] std::string line_with(const std::string& words) const {
    const std::string text = log();
    const auto found = text.find(words);
    if (found == text.npos) return {};
    const auto begin = text.rfind('\n', found) + 1;
    return text.substr(begin, text.find('\n', found) - begin);
  }
};

TEST_F(Administration, identities_have_numbers_of_their_own) {
  start("\"web\": {" + socket("web.sock") + ", " + keytab("") + "}, \"db\": {" + socket("db.sock") + "}");
  Actor web = actor(0, "web.sock"), db = actor(0, "db.sock");
  ASSERT_EQ(web.status("acquire Kerberos inbound"), "SEC_E_OK");
  ASSERT_EQ(db.status("packages"), "SEC_E_OK");
  EXPECT_TRUE(log_on_to(web, "HTTP@localhost").complete());

  const json status = told("status");
  std::vector<std::string> identities;
  for (const json& worker : status.at("workers")) identities.push_back(worker.at("identity"));
  EXPECT_EQ(identities, (std::vector<std::string>{"service db", "service web", "user 0"}))
      << "root has asked whether the daemon is there";
  EXPECT_EQ(status.at("sockets").size(), 3U);
  const json contexts = told("contexts");
  ASSERT_EQ(contexts.size(), 1U);
  EXPECT_EQ(contexts.at(0).at("identity"), "service web");
  EXPECT_EQ(contexts.at(0).at("peer"), realm().qualified("alice"));

  const std::string metrics = sspictl({"metrics"}).output;
  EXPECT_NE(metrics.find(R"(sspid_handles{identity="service web",kind="context",package="Kerberos"} 1)"), metrics.npos)
      << metrics;
  EXPECT_NE(metrics.find(R"(sspid_sessions{identity="service db"} 1)"), metrics.npos) << metrics;
}

TEST_F(Administration, who_did_what_for_which_identity_is_in_the_trail) {
  start("\"web\": {" + socket("web.sock") + ", " +
        client_keytab(R"(, "principal": "HTTP/localhost", "targets": ["host/*"])") + "}");
  Actor web = actor(0, "web.sock");
  ASSERT_EQ(web.status("acquire Kerberos outbound"), "SEC_E_OK");
  EXPECT_EQ(web.status("initiate ldap/localhost"), "SEC_E_NOT_OWNER");
  const std::string credential = line_with("event=credential");
  EXPECT_NE(credential.find("identity=\"service web\""), credential.npos) << credential;
  EXPECT_NE(credential.find("exe=" + built_program("actor_program")), credential.npos) << credential;
  EXPECT_NE(credential.find("own=" + realm().qualified("HTTP/localhost")), credential.npos) << credential;
  const std::string refused = line_with("event=context");
  EXPECT_NE(refused.find("target=ldap/localhost"), refused.npos) << refused;
  EXPECT_NE(refused.find("status=SEC_E_NOT_OWNER"), refused.npos) << refused;
  EXPECT_NE(refused.find(" rule=services.web.initiate.targets detail=\"policy"), refused.npos) << refused;
}

TEST_F(Administration, refused_connections_are_counted_by_rule) {
  start(R"("root": {"match": {"user": "root"}})", R"(, "users": {"serve": false})");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(actor(2001).status("packages"), "SEC_E_NOT_OWNER");
  const json refusals = told("status").at("refusals");
  ASSERT_TRUE(refusals.contains("users.serve")) << refusals;
  EXPECT_GE(refusals.at("users.serve"), 3);
  EXPECT_NE(line_with("event=refusal").find("uid=2001"), std::string::npos) << log();
  EXPECT_NE(sspictl({"status"}).output.find("users.serve"), std::string::npos);
}

TEST_F(Administration, deaths_are_remembered_while_nobody_needs_a_worker) {
  start("\"web\": {" + socket("web.sock") + "}");
  const auto web = [&] {
    const json status = told("status");
    for (const json& worker : status.at("workers"))
      if (worker.at("identity") == "service web") return worker;
    return json::object();
  };
  for (int deaths = 1; deaths <= 3; ++deaths) {
    EXPECT_EQ(actor(0, "web.sock").status("packages"), "SEC_E_OK");
    const pid_t worker = web().value("pid", 0);
    ASSERT_GT(worker, 0);
    ::kill(worker, SIGKILL);
    await("the death", [&] { return web().value("restarts", 0) == deaths && web().value("pid", -1) == 0; });
  }
  EXPECT_EQ(web().at("state"), "not needed");
  const std::string metrics = sspictl({"metrics"}).output;
  EXPECT_NE(metrics.find(R"(sspid_worker_restarts_total{identity="service web"} 3)"), metrics.npos) << metrics;
  EXPECT_EQ(metrics.find(R"(sspid_worker_up{identity="service web"})"), metrics.npos) << metrics;
  EXPECT_NE(sspictl({"doctor"}).output.find("workers of service web died 3 times"), std::string::npos);
  EXPECT_EQ(actor(0, "web.sock").status("packages"), "SEC_E_OK");
  EXPECT_EQ(web().at("restarts"), 3) << "the next one inherits it";
}

TEST_F(Administration, only_root_and_the_group_administer) {
  start("\"web\": {" + socket("web.sock") + "}", R"(, "admin": {"group": "4711"})");
  struct stat file {};
  ASSERT_EQ(::stat(daemon_->admin_socket().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0660U);
  EXPECT_EQ(file.st_gid, 4711U);
  EXPECT_EQ(sspictl({"status"}).status, 0);
  EXPECT_EQ(sspictl({"status"}, as(2001, 4711)).status, 0);
  EXPECT_EQ(sspictl({"status"}, as(2001, 2001)).status, 4);
}

TEST_F(Administration, reload_takes_the_right_to_administer_and_moves_the_socket) {
  const std::string web = "\"web\": {" + socket("web.sock") + "}";
  const std::string moved = directory_.file("moved.sock");
  const auto asked = [&](const std::string& at, std::vector<std::string> who) {
    who.insert(who.end(), {built_program("sspictl"), "--admin-socket", at, "--timeout", "5", "status"});
    return run(who, realm().environment()).status;
  };
  start(web, R"(, "admin": {"group": "4711"})");
  EXPECT_EQ(asked(daemon_->admin_socket(), as(2001, 4711)), 0);
  write(web);
  reload();
  EXPECT_EQ(asked(daemon_->admin_socket(), as(2001, 4711)), 4);
  EXPECT_EQ(asked(daemon_->admin_socket(), {}), 0);
  write(web, R"(, "admin": {"group": "4712"})");
  EXPECT_EQ(sspictl({"reload"}).status, 0) << "asked at the socket that goes by that";
  EXPECT_EQ(asked(daemon_->admin_socket(), as(2001, 4711)), 4);
  EXPECT_EQ(asked(daemon_->admin_socket(), as(2001, 4712)), 0);

  write(web, R"(, "admin": {"socket": ")" + moved + R"(", "group": "4711"})");
  reload();
  EXPECT_EQ(asked(moved, as(2001, 4711)), 0);
  EXPECT_FALSE(std::filesystem::exists(daemon_->admin_socket()));
  write(web, R"(, "admin": {"socket": "/nonexistent/admin.sock"})");
  reload("cannot bind /nonexistent/admin.sock");
  EXPECT_EQ(asked(moved, as(2001, 4711)), 0) << "all or nothing";
}

TEST_F(Administration, doctor_finds_a_service_whose_replay_cache_is_not_its_own) {
  start("\"web\": {" + socket("web.sock") + ", " + keytab("") + "}");
  Actor web = actor(0, "web.sock");
  ASSERT_EQ(web.status("acquire Kerberos inbound"), "SEC_E_OK");
  const auto finding = [&](const std::string& id) {
    for (const json& each : json::parse(sspictl({"--json", "doctor"}).output))
      if (each.at("id") == id && each.at("finding").get<std::string>().find("service web") != std::string::npos)
        return each;
    return json();
  };
  EXPECT_EQ(finding("replay-cache").at("state"), "well");
  ASSERT_EQ(::chown((directory_.file("state") + "/rcache/service.web").c_str(), 0, 0), 0);
  EXPECT_EQ(finding("replay-cache").at("state"), "wrong");
}

}  // namespace
}  // namespace sspid::test
