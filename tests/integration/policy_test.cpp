// Who gets what: services and users with one daemon, each in a process of its own, against a real KDC. Run by root, as
// a daemon that serves several identities is.
#include <chrono>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "served.h"
#include "support/ldap_realm.h"

namespace sspid::test {
namespace {

constexpr unsigned kWeb = 33;         // www-data, matched by uid
constexpr unsigned kSomebody = 1234;  // a user like others

class Policy : public Served {
 protected:
  /// In a line of the audit trail.
  void expect_rule(const std::string& rule) const {
    EXPECT_NE(log().find(" rule=" + rule + " detail="), std::string::npos) << rule << '\n' << log();
  }
};

unsigned uid_of(pid_t process) { return static_cast<unsigned>(std::stoul(status_of(process, "Uid"))); }

// ---- Who is who ----

TEST_F(Policy, service_is_told_by_its_uid_or_by_its_own_socket) {
  start(R"("web": {"match": {"user": "33"}, )" + keytab("\"HTTP/localhost\"") + "}, \"db\": {" + socket("db.sock") +
        ", " + keytab("\"postgres/localhost\"") + "}");
  Actor web = actor(kWeb), db = actor(0, "db.sock");
  ASSERT_EQ(web.status("acquire Kerberos inbound"), "SEC_E_OK");
  ASSERT_EQ(db.status("acquire Kerberos inbound"), "SEC_E_OK");
  EXPECT_TRUE(log_on_to(web, "HTTP@localhost").complete());
  EXPECT_EQ(web.value("client"), realm().qualified("alice"));
  EXPECT_TRUE(log_on_to(db, "postgres@localhost").complete());
}

TEST_F(Policy, own_socket_is_closed_to_whom_the_file_does_not_admit) {
  start("\"db\": {" + socket("db.sock") + "}");
  EXPECT_EQ(actor(kSomebody, "db.sock").status("packages"), "SEC_E_INTERNAL_ERROR");
  EXPECT_EQ(actor(0, "db.sock").status("packages"), "SEC_E_OK");
}

TEST_F(Policy, own_socket_can_be_given_to_any_user) {
  start(R"("app": {"socket": {"path": ")" + directory_.file("app.sock") + R"(", "owner": "1234", "mode": "0600"}, )" +
        keytab("\"HTTP/localhost\"") + "}");
  Actor app = actor(kSomebody, "app.sock");
  ASSERT_EQ(app.status("acquire Negotiate inbound"), "SEC_E_OK");
  EXPECT_TRUE(log_on_to(app, "HTTP@localhost").complete());
}

TEST_F(Policy, narrowed_uid_needs_the_right_executable) {
  start(R"("a": {"match": {"user": "33", "executable": "/usr/sbin/apache2"}, )" + keytab("") + "}, " +
        R"("b": {"match": {"user": "33", "executable": ")" + built_program("actor_program") + R"("}, )" + keytab("") +
        "}");
  Actor right = actor(kWeb);
  EXPECT_EQ(right.status("acquire Kerberos inbound"), "SEC_E_OK");
  EXPECT_NE(log().find("of service b is ready"), std::string::npos);
  EXPECT_EQ(log().find("of service a is ready"), std::string::npos);
}

TEST_F(Policy, who_is_not_served_is_told_so_and_the_log_names_the_rule) {
  start(R"("root": {"match": {"user": "root"}})", R"(, "users": {"serve": false})");
  EXPECT_EQ(actor(kSomebody).status("acquire Kerberos outbound"), "SEC_E_NOT_OWNER");
  await("the refusal", [&] { return log().find("rule=users.serve") != std::string::npos; });
}

// ---- Processes ----

TEST_F(Policy, each_identity_has_a_worker_with_a_uid_of_its_own) {
  start("\"a\": {" + socket("a.sock") + "}, \"b\": {" + socket("b.sock") + "}");
  EXPECT_TRUE(daemon_->workers().empty() || daemon_->workers().size() == 1) << "made when it is needed";
  Actor a = actor(0, "a.sock"), b = actor(0, "b.sock"), user = actor(kSomebody), root = actor(0);
  for (Actor* each : {&a, &b, &user, &root}) EXPECT_EQ(each->status("packages"), "SEC_E_OK");
  std::set<unsigned> uids;
  for (const pid_t worker : daemon_->workers()) uids.insert(uid_of(worker));
  EXPECT_EQ(uids.size(), 4U);
  EXPECT_EQ(uids.count(kSomebody), 1U);
  EXPECT_EQ(uids.count(0), 0U) << "root's clients are served by somebody without root's files";
}

TEST_F(Policy, replay_cache_is_the_workers_own) {
  start("\"web\": {" + socket("web.sock") + ", " + keytab("") + "}");
  Actor web = actor(0, "web.sock");
  ASSERT_EQ(web.status("acquire Kerberos inbound"), "SEC_E_OK");
  EXPECT_TRUE(log_on_to(web, "HTTP@localhost").complete());
  const std::string folder = directory_.file("state") + "/rcache/service.web";
  struct stat status {};
  ASSERT_EQ(::stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, uid_of(worker_of("service web")));
  EXPECT_EQ(status.st_mode & 07777, 0700U);
  EXPECT_FALSE(std::filesystem::is_empty(folder));
  const uid_t before = status.st_uid;
  daemon_->restart();
  Actor again = actor(0, "web.sock");
  ASSERT_EQ(again.status("acquire Kerberos inbound"), "SEC_E_OK");
  ASSERT_EQ(::stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, before) << "and stays so";
  EXPECT_EQ(uid_of(worker_of("service web")), before);
}

TEST_F(Policy, session_of_one_identity_is_nothing_to_another) {
  start("\"a\": {" + socket("a.sock") + ", " + keytab("") + "}, \"b\": {" + socket("b.sock") + ", " + keytab("") + "}");
  Actor a = actor(0, "a.sock"), b = actor(0, "b.sock");
  ASSERT_EQ(a.status("acquire Kerberos inbound"), "SEC_E_OK");
  ASSERT_EQ(b.status("acquire Kerberos inbound"), "SEC_E_OK");
  ASSERT_TRUE(log_on_to(a, "host@localhost").complete());
  ::kill(worker_of("service b"), SIGKILL);
  await("the death", [&] { return log().find("of service b died") != std::string::npos; });
  EXPECT_EQ(a.status("sign text"), "SEC_E_OK") << "nobody else notices";
  EXPECT_EQ(b.status("acquire Kerberos inbound"), "SEC_E_OK") << "and the next call is served";
}

// ---- Accepting ----

TEST_F(Policy, keys_of_other_services_do_not_reach_the_worker) {
  start("\"db\": {" + socket("db.sock") + ", " + keytab("\"postgres/localhost\"") + "}");
  Actor db = actor(0, "db.sock");
  ASSERT_EQ(db.status("acquire Kerberos inbound"), "SEC_E_OK");
  const Handshake refused = log_on_to(db, "HTTP@localhost");
  EXPECT_FALSE(refused.complete()) << "its key is in the same file";
  EXPECT_TRUE(log_on_to(db, "postgres@localhost").complete());
}

TEST_F(Policy, E_023_principal_of_another_service_is_not_owned) {
  start("\"db\": {" + socket("db.sock") + ", " + keytab("\"postgres/localhost\"") + ", " +
        client_keytab(R"(, "principal": "postgres/localhost")") + "}");
  Actor db = actor(0, "db.sock");
  for (const std::string package : {"Kerberos", "Negotiate"}) {
    EXPECT_EQ(db.status("acquire " + package + " inbound HTTP/localhost"), "SEC_E_NOT_OWNER");
    EXPECT_EQ(db.status("acquire " + package + " inbound " + realm().qualified("HTTP/localhost")), "SEC_E_NOT_OWNER");
    EXPECT_EQ(db.status("acquire " + package + " inbound postgres/localhost"), "SEC_E_OK");
    EXPECT_EQ(db.status("acquire " + package + " inbound nobody/nowhere"), "SEC_E_OK") << "E-022: a hint only";
    EXPECT_EQ(db.status("acquire " + package + " outbound HTTP/localhost"), "SEC_E_NOT_OWNER");
    EXPECT_EQ(db.status("acquire " + package + " outbound postgres/localhost"), "SEC_E_OK");
  }
  expect_rule("services.db.accept.principals");
  expect_rule("services.db.initiate.principal");
}

TEST_F(Policy, rotated_keytab_is_taken_up_without_a_reload) {
  const std::string path = directory_.file("web.keytab");
  realm().add_service("rotated/localhost");
  realm().write_keytab("rotated/localhost", path);
  start("\"web\": {" + socket("web.sock") + R"(, "accept": {"keytab": ")" + path +
        R"(", "principals": ["rotated/localhost"]}})");
  Actor web = actor(0, "web.sock");
  ASSERT_EQ(web.status("acquire Kerberos inbound"), "SEC_E_OK");
  EXPECT_TRUE(log_on_to(web, "rotated@localhost").complete());
  realm().change_keys("rotated/localhost");
  const std::string fresh = directory_.file("fresh.keytab");
  realm().write_keytab("rotated/localhost", fresh);
  const std::string cache = directory_.file("fresh.cc");
  realm().kinit("alice", "alicepw", cache);
  const auto accepts = [&] {
    GssInitiator client({.target = "rotated@localhost", .cache = cache});
    ActingAcceptor acceptor(web);
    return shake_hands(client, acceptor).complete();
  };
  EXPECT_FALSE(accepts());
  std::filesystem::rename(fresh, path);
  await("the new key, with the credential that is there", accepts);
  EXPECT_EQ(web.status("acquire Kerberos inbound"), "SEC_E_OK");
  EXPECT_TRUE(accepts());
  std::filesystem::remove(path);
  await("no key", [&] { return !accepts(); });
  EXPECT_EQ(web.status("acquire Kerberos inbound"), "SEC_E_NO_CREDENTIALS");
}

// ---- Initiating ----

TEST_F(Policy, users_initiate_with_their_own_tickets_and_nothing_else) {
  start("");
  const std::string cache = directory_.file("cc");
  realm().kinit("bob", "bobpw", cache);
  ASSERT_EQ(::chown(cache.c_str(), kSomebody, kGroup), 0);
  Actor user({.uid = kSomebody,
              .gid = kGroup,
              .environment = {{"SSPI_SOCKET", daemon_->socket()}, {"KRB5CCNAME", "FILE:" + cache}}});
  ASSERT_EQ(user.status("acquire Kerberos outbound"), "SEC_E_OK");
  EXPECT_EQ(user.value("name"), realm().qualified("bob"));
  GssAcceptor server;
  ActingInitiator client(user, "host/localhost");
  EXPECT_TRUE(shake_hands(client, server).complete());
  EXPECT_EQ(user.status("session-key"), "SEC_E_OK");
  EXPECT_EQ(user.status("acquire Kerberos inbound"), "SEC_E_NO_CREDENTIALS");
  EXPECT_EQ(user.status("acquire Negotiate inbound"), "SEC_E_NO_CREDENTIALS");
  EXPECT_EQ(user.status("acquire Kerberos both"), "SEC_E_OK") << "good for the one direction that is granted";
  expect_rule("users.accept");
}

TEST_F(Policy, service_initiates_by_its_client_keytab_towards_its_targets) {
  start("\"web\": {" + socket("web.sock") + ", " +
        client_keytab(R"(, "principal": "HTTP/localhost", "targets": ["host/*", "ldap/localhost"])") + "}");
  Actor web = actor(0, "web.sock");
  for (const std::string package : {"Kerberos", "Negotiate"}) {
    ASSERT_EQ(web.status("acquire " + package + " outbound"), "SEC_E_OK");
    EXPECT_EQ(web.value("name"), realm().qualified("HTTP/localhost")) << "not the tickets in KRB5CCNAME";
    GssAcceptor server;
    ActingInitiator client(web, "host/localhost");
    const Handshake handshake = shake_hands(client, server);
    EXPECT_TRUE(handshake.complete()) << handshake.initiator.status;
    for (const std::string allowed : {"HOST/localhost", "ldap/LOCALHOST", "ldap/localhost@EXAMPLE.TEST"})
      EXPECT_NE(web.status("initiate " + allowed), "SEC_E_NOT_OWNER") << allowed;
    for (const std::string forbidden : {"HTTP/localhost", "ldap/localhost2", "alice@EXAMPLE.TEST", "xhost/localhost"})
      EXPECT_EQ(web.status("initiate " + forbidden), "SEC_E_NOT_OWNER") << forbidden;
  }
  expect_rule("services.web.initiate.targets");
}

// This realm has a KDC and no password service: who is let through is told that nobody is there, or by the KDC that the
// old password is wrong.
TEST_F(Policy, passwords_are_changed_only_where_their_service_is_a_target) {
  const auto initiating = [&](const std::string& name, const std::string& targets) {
    return '"' + name + "\": {" + socket(name) + R"(, "initiate": {)" + targets + "}}";
  };
  start(initiating("any", "") + ", " + initiating("changes", R"("targets": ["ldap/*", "kadmin/changepw"])") + ", " +
        initiating("closed", R"("targets": ["ldap/*"])") + R"(, "accepts": {)" + socket("accepts") + ", " + keytab("") +
        "}");
  Actor any = actor(0, "any"), changes = actor(0, "changes"), closed = actor(0, "closed"),
        accepts = actor(0, "accepts");
  for (Actor* allowed : {&any, &changes}) {
    EXPECT_EQ(allowed->status("change-password bob bobpw another"), "SEC_E_NO_AUTHENTICATING_AUTHORITY");
    EXPECT_EQ(allowed->status("change-password bob wrong another"), "SEC_E_LOGON_DENIED");
  }
  for (Actor* refused : {&closed, &accepts}) {
    EXPECT_EQ(refused->status("change-password bob bobpw another"), "SEC_E_NOT_OWNER");
    EXPECT_EQ(refused->status("change-password bob wrong another"), "SEC_E_NOT_OWNER") << "and nobody was asked";
  }
}

TEST_F(Policy, service_without_initiate_initiates_nothing) {
  start("\"web\": {" + socket("web.sock") + ", " + keytab("") + "}");
  Actor web = actor(0, "web.sock");
  EXPECT_EQ(web.status("acquire Kerberos outbound"), "SEC_E_NO_CREDENTIALS");
  EXPECT_EQ(web.status("acquire-as Kerberos alice EXAMPLE.TEST alicepw"), "SEC_E_NO_CREDENTIALS");
  expect_rule("services.web.initiate");
}

// ---- What else is granted ----

TEST_F(Policy, packages_are_those_of_the_identity) {
  start("\"web\": {" + socket("web.sock") + R"(, "packages": ["Kerberos"]})",
        R"(, "users": {"packages": ["Negotiate"]})");
  EXPECT_EQ(actor(0, "web.sock").value("packages"), "Kerberos");
  EXPECT_EQ(actor(0, "web.sock").status("acquire Negotiate inbound"), "SEC_E_SECPKG_NOT_FOUND");
  expect_rule("services.web.packages");
  EXPECT_EQ(actor(kSomebody).value("packages"), "Negotiate");
}

TEST_F(Policy, session_key_stays_in_the_worker_unless_granted) {
  start("\"web\": {" + socket("web.sock") + ", " + keytab("") + "}, \"open\": {" + socket("open.sock") + ", " +
        keytab("") + R"(, "session_key": "allow"})");
  Actor web = actor(0, "web.sock"), open = actor(0, "open.sock");
  for (Actor* each : {&web, &open}) {
    ASSERT_EQ(each->status("acquire Kerberos inbound"), "SEC_E_OK");
    ASSERT_TRUE(log_on_to(*each, "host@localhost").complete());
  }
  EXPECT_EQ(web.status("session-key"), "SEC_E_NOT_OWNER");
  EXPECT_EQ(open.status("session-key"), "SEC_E_OK");
  expect_rule("services.web.session_key");
}

// ---- Quotas ----

TEST_F(Policy, contexts_beyond_the_quota_are_refused_to_all_sessions_of_the_identity) {
  start("\"web\": {" + socket("web.sock") + ", " + keytab("") + R"(, "quotas": {"contexts": 3}}, "db": {)" +
        socket("db.sock") + ", " + keytab("") + "}");
  Actor one = actor(0, "web.sock"), two = actor(0, "web.sock"), db = actor(0, "db.sock");
  for (Actor* each : {&one, &two, &db}) ASSERT_EQ(each->status("acquire Kerberos inbound"), "SEC_E_OK");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(log_on_to(one, "host@localhost").complete());
    ASSERT_EQ(one.status("hold"), "SEC_E_OK");
  }
  const Handshake refused = log_on_to(two, "host@localhost");
  EXPECT_EQ(refused.acceptor.status, "SEC_E_INSUFFICIENT_MEMORY ");
  EXPECT_TRUE(log_on_to(db, "host@localhost").complete()) << "another identity has its own";
  ASSERT_EQ(one.status("release"), "SEC_E_OK");
  // Deleting has no answer: another connection's call may come first.
  await("room", [&] { return log_on_to(two, "host@localhost").complete(); });
}

TEST_F(Policy, connections_beyond_the_quota_are_turned_away) {
  start("\"web\": {" + socket("web.sock") + R"(, "quotas": {"connections": 4}})");
  std::vector<Actor> served;
  for (int i = 0; i < 2; ++i) {  // each has an anchor and a connection to call on
    served.push_back(actor(0, "web.sock"));
    ASSERT_EQ(served.back().status("packages"), "SEC_E_OK");
  }
  EXPECT_EQ(actor(0, "web.sock").status("packages"), "SEC_E_NOT_OWNER");
  const std::string rule = "services.web.quotas.connections";
  await("its line", [&] { return log().find("identity=\"service web\" rule=" + rule) != std::string::npos; });
  await("its number", [&] {
    const std::string metrics =
        run({built_program("sspictl"), "--socket", daemon_->socket(), "metrics"}, base_environment()).output;
    return metrics.find("sspid_refused_connections_total{rule=\"" + rule + "\"}") != metrics.npos;
  });
  served.pop_back();
  await("room", [&] { return actor(0, "web.sock").status("packages") == "SEC_E_OK"; });
}

TEST_F(Policy, requests_beyond_the_quota_wait_and_those_of_others_do_not) {
  start("\"web\": {" + socket("web.sock") + R"(, "quotas": {"requests_per_second": 2}}, "db": {)" + socket("db.sock") +
        "}");
  Actor web = actor(0, "web.sock"), db = actor(0, "db.sock");
  ASSERT_EQ(db.status("packages"), "SEC_E_OK");
  ASSERT_EQ(web.status("packages"), "SEC_E_OK");
  const auto began = std::chrono::steady_clock::now();
  constexpr int kCalls = 6;
  int calls_of_db = 0;
  for (int call = 0; call < kCalls; ++call) {
    web.tell("packages");
    while (!web.has_answered()) {
      ASSERT_EQ(db.status("packages"), "SEC_E_OK");
      ++calls_of_db;
    }
    ASSERT_EQ(web.answer().substr(0, 8), "SEC_E_OK");
  }
  // What a second is good for may come at once.
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::seconds{(kCalls - 2) / 2});
  EXPECT_GT(calls_of_db, kCalls);
}

// ---- Reload ----

TEST_F(Policy, reload_changes_what_is_allowed_and_leaves_contexts_alone) {
  const std::string web = "\"web\": {" + socket("web.sock") + ", " + keytab("") + ", \"session_key\": ";
  start(web + "\"allow\"}");
  Actor server = actor(0, "web.sock");
  ASSERT_EQ(server.status("acquire Kerberos inbound"), "SEC_E_OK");
  ASSERT_TRUE(log_on_to(server, "host@localhost").complete());
  EXPECT_EQ(server.status("session-key"), "SEC_E_OK");
  write(web + "\"deny\"}, \"new\": {" + socket("new.sock") + "}");
  reload();
  EXPECT_EQ(server.status("sign text"), "SEC_E_OK");
  // The worker hears of it by another way than its clients' calls come.
  await("the new rule", [&] { return server.status("session-key") == "SEC_E_NOT_OWNER"; });
  EXPECT_EQ(actor(0, "new.sock").status("packages"), "SEC_E_OK") << "its socket is there";
  write("\"new\": {" + socket("new.sock") + "}");
  reload();
  await("the new rule", [&] { return server.status("acquire Kerberos inbound") == "SEC_E_NO_CREDENTIALS"; });
  EXPECT_EQ(server.status("sign text"), "SEC_E_OK") << "of a service that is no more";
  EXPECT_FALSE(std::filesystem::exists(directory_.file("web.sock")));
}

TEST_F(Policy, reload_that_fails_changes_nothing) {
  start("\"web\": {" + socket("web.sock") + ", " + keytab("") + "}");
  Actor web = actor(0, "web.sock");
  ASSERT_EQ(web.status("acquire Kerberos inbound"), "SEC_E_OK");
  write("\"web\": {" + socket("other.sock") + ", \"accpet\": {}}");
  reload("sspid.json:1:");
  EXPECT_NE(log().find("services.web.accpet: there is no such key"), std::string::npos);
  EXPECT_EQ(web.status("acquire Kerberos inbound"), "SEC_E_OK");
  write("\"web\": {" + socket("web.sock") + ", " + keytab("") + "}, \"aa\": {" + socket("aa.sock") +
        "}, \"bad\": {\"socket\": \"/nonexistent/sock\"}");
  reload("cannot bind /nonexistent/sock");
  EXPECT_EQ(actor(0, "web.sock").status("acquire Kerberos inbound"), "SEC_E_OK");
  EXPECT_FALSE(std::filesystem::exists(directory_.file("other.sock")));
  EXPECT_FALSE(std::filesystem::exists(directory_.file("aa.sock"))) << "it was made before the bad one";
}

// Of the socket of that name: "OWNER MODE".
std::string owner_and_mode(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return "none";
  std::ostringstream text;
  text << file.st_uid << ' ' << std::oct << (file.st_mode & 0777);
  return text.str();
}

TEST_F(Policy, reload_gives_a_socket_to_another_owner_or_service) {
  const auto app = [&](const std::string& name, const std::string& owner, const std::string& mode) {
    return '"' + name + R"(": {"socket": {"path": ")" + directory_.file("app.sock") + R"(", "owner": ")" + owner +
           R"(", "mode": ")" + mode + "\"}, " + keytab("\"HTTP/localhost\"") + "}";
  };
  start(app("app", "1234", "0600"));
  Actor before = actor(kSomebody, "app.sock");
  ASSERT_EQ(before.status("acquire Kerberos inbound"), "SEC_E_OK");
  write(app("app", "33", "0660"));
  reload();
  EXPECT_EQ(owner_and_mode(directory_.file("app.sock")), "33 660");
  EXPECT_EQ(actor(kWeb, "app.sock").status("acquire Kerberos inbound"), "SEC_E_OK");
  EXPECT_EQ(actor(kSomebody, "app.sock").status("packages"), "SEC_E_INTERNAL_ERROR");
  EXPECT_EQ(before.status("acquire Kerberos inbound"), "SEC_E_OK") << "who is connected stays";
  write(app("other", "33", "0660"));
  reload();
  EXPECT_EQ(actor(kWeb, "app.sock").status("acquire Kerberos inbound"), "SEC_E_OK");
  EXPECT_NE(log().find("of service other is ready"), std::string::npos);
  write(app("other", "1234", "0600") + R"(, "bad": {"socket": "/nonexistent/sock"})");
  reload("cannot bind /nonexistent/sock");
  EXPECT_EQ(owner_and_mode(directory_.file("app.sock")), "33 660") << "all or nothing";
  EXPECT_EQ(actor(kWeb, "app.sock").status("packages"), "SEC_E_OK");
  EXPECT_FALSE(std::filesystem::exists(directory_.file("app.so~0")));
}

TEST_F(Policy, reload_follows_the_user_whom_a_service_with_a_socket_is_matched_by) {
  const auto web = [&](const std::string& user) {
    return R"("web": {"match": {"user": ")" + user + "\"}, " + socket("web.sock") + "}";
  };
  start(web("33"));
  EXPECT_EQ(actor(kWeb, "web.sock").status("packages"), "SEC_E_OK");
  write(web("1234"));
  reload();
  EXPECT_EQ(actor(kSomebody, "web.sock").status("packages"), "SEC_E_OK");
  EXPECT_NE(actor(kWeb, "web.sock").status("packages"), "SEC_E_OK");
}

TEST_F(Policy, reload_lets_services_change_places) {
  start("\"a\": {" + socket("1.sock") + "}, \"b\": {" + socket("2.sock") + R"(, "packages": ["Kerberos"]})");
  EXPECT_EQ(actor(0, "2.sock").value("packages"), "Kerberos");
  write("\"a\": {" + socket("2.sock") + "}, \"b\": {" + socket("1.sock") + R"(, "packages": ["Kerberos"]})");
  reload();
  EXPECT_EQ(actor(0, "1.sock").value("packages"), "Kerberos");
  EXPECT_EQ(actor(0, "2.sock").value("packages"), "Negotiate,Kerberos");
}

// Their sockets' names differ in the last character alone.
TEST_F(Policy, reload_gives_several_sockets_away_at_once) {
  const auto service = [&](const std::string& name, const std::string& file, unsigned owner, const std::string& rest) {
    return '"' + name + R"(": {"socket": {"path": ")" + directory_.file(file) + R"(", "owner": ")" +
           std::to_string(owner) + R"(", "mode": "0600"})" + rest + "}";
  };
  const std::string narrowed = R"(, "packages": ["Kerberos"])";
  start(service("a", "app1", kWeb, "") + ", " + service("b", "app2", kSomebody, narrowed));
  EXPECT_EQ(actor(kSomebody, "app2").value("packages"), "Kerberos");
  write(service("a", "app2", kWeb, "") + ", " + service("b", "app1", kSomebody, narrowed));
  reload();
  EXPECT_EQ(owner_and_mode(directory_.file("app1")), "1234 600");
  EXPECT_EQ(owner_and_mode(directory_.file("app2")), "33 600");
  EXPECT_EQ(actor(kSomebody, "app1").value("packages"), "Kerberos");
  EXPECT_EQ(actor(kWeb, "app2").value("packages"), "Negotiate,Kerberos");
  for (const auto& file : std::filesystem::directory_iterator{directory_.file(".")})
    EXPECT_EQ(file.path().filename().string().find('~'), std::string::npos) << file.path();
}

// ---- Delegation: what the KDC would allow, and policy need not ----

class PolicyOfDelegation : public Policy {
 protected:
  void SetUp() override {
    ASSERT_EQ(::geteuid(), 0U);
    LdapRealm& ldap = ldap_realm();
    ldap.realm.enter();
    const auto front = [&](const std::string& name, const std::string& delegate) {
      return '"' + name + "\": {" + socket(name) + R"(, "accept": {"keytab": ")" + ldap.realm.keytab() +
             R"(", "principals": ["HTTP/localhost"]})" + delegate + "}";
    };
    write(front("closed", "") + ", " +
          front("open", R"(, "delegate": {"s4u2self": true, "s4u2proxy": ["ldap/*"], "forwarded": ["ldap/*"]})"));
    daemon_.emplace(ldap.realm.environment(), std::vector<std::string>{"--config", directory_.file("sspid.json"),
                                                                       "--state", directory_.file("state")});
  }

  /// A KDC that lets HTTP/localhost act for its clients, and for users who never came, towards ldap and postgres.
  static LdapRealm& ldap_realm() {
    static LdapRealm* only = [] {
      auto* made = new LdapRealm;
      made->realm.trust_for_delegation("HTTP/localhost");
      made->realm.modify("HTTP/localhost", "+ok_to_auth_as_delegate");
      made->allow_delegation("HTTP/localhost", {"ldap/localhost", "postgres/localhost"});
      return made;
    }();
    return *only;
  }
  static void TearDownTestSuite() {
    delete &ldap_realm();
    realm().enter();
  }

  /// Whom the service acts for now is alice, who came with this.
  void log_alice_on_to(Actor& service, OM_uint32 more_flags) const {
    ASSERT_EQ(service.status("acquire Kerberos inbound"), "SEC_E_OK");
    log_alice_on_with_credential(service, more_flags);
  }
  void log_alice_on_with_credential(Actor& service, OM_uint32 more_flags) const {
    const std::string cache = directory_.file("alice");
    ldap_realm().realm.kinit("alice", "alicepw", cache, {"-f"});
    GssInitiator client({.target = "HTTP@localhost", .flags = GSS_C_MUTUAL_FLAG | more_flags, .cache = cache});
    ActingAcceptor acceptor(service);
    const Handshake handshake = shake_hands(client, acceptor);
    ASSERT_TRUE(handshake.complete()) << handshake.initiator.status << handshake.acceptor.status;
    ASSERT_EQ(service.status("impersonate"), "SEC_E_OK");
  }

  static void expect_reaches_ldap_only(Actor& service) {
    GssAcceptor server;
    ActingInitiator client(service, "ldap/localhost");
    const Handshake handshake = shake_hands(client, server);
    ASSERT_TRUE(handshake.complete()) << handshake.initiator.status;
    EXPECT_EQ(server.initiator_name(), "alice@EXAMPLE.TEST");
    EXPECT_EQ(service.status("initiate postgres/localhost"), "SEC_E_NOT_OWNER") << "the KDC would allow it";
  }
};

TEST_F(PolicyOfDelegation, forwarded_tickets_reach_the_granted_targets) {
  Actor open = actor(0, "open"), closed = actor(0, "closed");
  log_alice_on_to(open, GSS_C_DELEG_FLAG);
  ASSERT_EQ(open.status("acquire Kerberos outbound"), "SEC_E_OK");
  expect_reaches_ldap_only(open);
  EXPECT_EQ(open.status("revert"), "SEC_E_OK");
  EXPECT_EQ(open.status("acquire Kerberos outbound"), "SEC_E_NO_CREDENTIALS")
      << "of its own it has nothing to initiate with";
  log_alice_on_to(closed, GSS_C_DELEG_FLAG);
  EXPECT_EQ(closed.status("acquire Kerberos outbound"), "SEC_E_NOT_OWNER");
  expect_rule("services.open.delegate.forwarded");
  expect_rule("services.closed.delegate.forwarded");
}

TEST_F(PolicyOfDelegation, acting_for_a_client_reaches_the_granted_targets) {
  Actor open = actor(0, "open"), closed = actor(0, "closed");
  log_alice_on_to(open, 0);
  ASSERT_EQ(open.status("acquire Kerberos outbound"), "SEC_E_OK");
  expect_reaches_ldap_only(open);
  log_alice_on_to(closed, 0);
  EXPECT_EQ(closed.status("acquire Kerberos outbound"), "SEC_E_NOT_OWNER");
  expect_rule("services.open.delegate.s4u2proxy");
  expect_rule("services.closed.delegate.s4u2proxy");
}

TEST_F(PolicyOfDelegation, users_who_never_came_are_acted_for_only_where_granted) {
  Actor open = actor(0, "open"), closed = actor(0, "closed");
  ASSERT_EQ(open.status("acquire-for Kerberos alice"), "SEC_E_OK");
  expect_reaches_ldap_only(open);
  EXPECT_EQ(closed.status("acquire-for Kerberos alice"), "SEC_E_NOT_OWNER");
  expect_rule("services.closed.delegate.s4u2self");
}

// What users are not told to be allowed, they are not.
TEST_F(PolicyOfDelegation, users_act_for_nobody) {
  const std::string keys = directory_.file("keys");
  ldap_realm().realm.write_keytab("HTTP/localhost", keys);
  ASSERT_EQ(::chown(keys.c_str(), kSomebody, kGroup), 0);
  Actor user = actor(kSomebody);
  EXPECT_EQ(user.status("acquire-for Kerberos alice"), "SEC_E_NOT_OWNER");
  expect_rule("users.delegate.s4u2self");
  EXPECT_EQ(user.status("acquire-keys Kerberos " + keys), "SEC_E_NO_CREDENTIALS") << "nor do they accept";

  write("", R"(, "users": {"accept": true})");
  reload();
  for (const OM_uint32 flags : {GSS_C_DELEG_FLAG, 0}) {
    Actor server = actor(kSomebody);
    await("the new rule", [&] { return server.status("acquire-keys Kerberos " + keys) == "SEC_E_OK"; });
    log_alice_on_with_credential(server, flags);
    EXPECT_EQ(server.status("acquire Kerberos outbound"), "SEC_E_NOT_OWNER");
    EXPECT_EQ(server.status("acquire-for Kerberos alice"), "SEC_E_NOT_OWNER");
  }
}

// ---- The command line ----

TEST_F(Policy, check_config_tells_good_from_bad) {
  const auto check = [&] {
    return run({built_program("sspid"), "--check-config", "--config", directory_.file("sspid.json")},
               base_environment());
  };
  write("\"web\": {" + socket("web.sock") + "}");
  EXPECT_EQ(check().status, 0);
  write("\"web\": {}");
  const auto bad = check();
  EXPECT_EQ(bad.status, 1);
  EXPECT_EQ(bad.output, directory_.file("sspid.json") + ":1:15: services.web: needs a \"match\" or a \"socket\"\n");
}

TEST_F(Policy, services_without_root_end_the_start) {
  write("");
  std::filesystem::permissions(directory_.file("sspid.json"), std::filesystem::perms(0644));
  const auto refused = run({"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", built_program("sspid"),
                            "--socket", "/tmp/sspid-never", "--config", directory_.file("sspid.json")},
                           base_environment());
  EXPECT_NE(refused.status, 0);
  EXPECT_NE(refused.output.find("need root"), std::string::npos) << refused.output;
}

}  // namespace
}  // namespace sspid::test
