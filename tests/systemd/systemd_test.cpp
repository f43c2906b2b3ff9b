// sspid as its units run it: started by its first client, watched, stopped and restarted without harm to those who
// wait.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <regex>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "support/booted_systemd.h"
#include "support/daemon.h"
#include "support/realm.h"
#include "support/sspi_peer.h"

namespace sspid::test {
namespace {

namespace fs = std::filesystem;

const std::string kProgram = SSPID_SBINDIR "/sspid";
const std::string kConfiguration = SSPID_SYSCONFDIR "/sspid/sspid.json";
const std::string kKeytab = "/etc/sspid-keys/host.keytab";
const std::string kOwnSocket = "/run/sspid/own.sock";
const std::string kDropIns = "/run/systemd/system/sspid.service.d";

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  if (!(std::ofstream(path) << text)) throw std::runtime_error("cannot write " + path.string());
}

// Three kinds of identities: a service that its unit tells, one with a socket of its own, and everybody else.
std::string configuration(const std::string& keytab = kKeytab) {
  return R"({ "services": {
    "web": { "match":  { "user": "webapp", "unit": "webapp.service" },
             "accept": { "keytab": ")" +
         keytab + R"(", "principals": ["host/localhost"] } },
    "own": { "socket": { "path": ")" +
         kOwnSocket + R"(", "owner": "webapp", "mode": "0600" } } },
  "users": {} }
)";
}

// The realm's krb5.conf as a host has it: nobody's tickets or keys are named.
std::string host_krb5_conf(const Realm& realm) {
  const std::string text = read_text(realm.file("krb5.conf"));
  return std::regex_replace(text, std::regex("    default_(ccache|keytab)_name = .*\n"), "");
}

// A host on which sspid was installed, and its realm.
class Host {
 public:
  Host() : systemd_({.files = installed(), .visible = {realm_.directory().path(), SSPID_BUILD}}) {
    ::setenv("SSPI_SOCKET", systemd_.path("/run/sspid/sspid.sock").c_str(), 1);
    realm_.enter();
    systemd_.run_or_throw({"systemctl", "enable", "--now", "sspid.socket"});
  }

  Realm& realm() { return realm_; }
  BootedSystemd& systemd() { return systemd_; }

 private:
  fs::path installed() {
    const fs::path root = files_.path();
    fs::create_directories(root / "usr");
    fs::copy(SSPID_UNITS, root / "usr/lib", fs::copy_options::recursive);
    const auto copy_program = [&](const char* name, const fs::path& to) {
      fs::create_directories((root / to.relative_path()).parent_path());
      fs::copy_file(built_program(name), root / to.relative_path());
    };
    copy_program("sspid", kProgram);
    copy_program("sspid-worker", SSPID_LIBEXECDIR "/sspid/sspid-worker");
    copy_program("sspictl", "/usr/local/bin/sspictl");
    write_file(root / kConfiguration.substr(1), configuration());
    write_file(root / kKeytab.substr(1), read_text(realm_.keytab()));
    fs::permissions(root / kKeytab.substr(1), fs::perms::owner_read);
    write_file(root / "etc/krb5.conf", host_krb5_conf(realm_));
    write_file(root / "usr/lib/sysusers.d/people.conf", "u alice 5001 - /home/alice /bin/sh\nu webapp 5002\n");
    write_file(root / "usr/lib/tmpfiles.d/people.conf", "d /home/alice 0700 alice alice -\n");
    return root;
  }

  Realm realm_;
  Directory files_;
  BootedSystemd systemd_;
};

std::unique_ptr<Host>& the_host() {
  static std::unique_ptr<Host> host;
  return host;
}

class EndOfHost : public ::testing::Environment {
 public:
  void TearDown() override { the_host().reset(); }
};

class Systemd : public ::testing::Test {
 protected:
  Systemd() {
    if (!the_host()) the_host() = std::make_unique<Host>();
  }

  void SetUp() override {
    run({"systemctl", "stop", "sspid.service"});
    fs::remove_all(systemd().path(kDropIns));
    systemd().write(kConfiguration, configuration());
    run({"systemctl", "daemon-reload"});
    run({"systemctl", "reset-failed"});
    run({"systemctl", "start", "sspid.socket"});
  }

  void TearDown() override {
    if (HasFailure()) std::fputs(systemd().run({"journalctl", "--no-pager", "--lines=60"}).output.c_str(), stderr);
  }

  static Realm& realm() { return the_host()->realm(); }
  static BootedSystemd& systemd() { return the_host()->systemd(); }
  static std::string run(const std::vector<std::string>& command) { return systemd().run_or_throw(command); }

  static std::string status() { return systemd().property("sspid.service", "StatusText"); }
  static std::string state() { return systemd().property("sspid.service", "ActiveState"); }
  static pid_t main_pid() { return std::stoi(systemd().property("sspid.service", "MainPID")); }
  static bool answers() { return systemd().run({"sspictl", "ping"}).status == 0; }

  // Settings of this case only, in force at the next start.
  static void set(const std::string& settings) {
    systemd().write(kDropIns + "/case.conf", "[Service]\n" + settings + "\n");
    run({"systemctl", "daemon-reload"});
  }
};

TEST_F(Systemd, units_are_without_complaint_and_well_hardened) {
  const std::string units = "/usr/lib/systemd/";
  EXPECT_EQ(run({"systemd-analyze", "verify", "--man=no", "--recursive-errors=no", units + "system/sspid.service",
                 units + "system/sspid.socket"}),
            "");
  EXPECT_EQ(run({"env", "XDG_RUNTIME_DIR=/run", "systemd-analyze", "verify", "--user", "--man=no",
                 "--recursive-errors=no", units + "user/sspid.service", units + "user/sspid.socket"}),
            "");
  run({"systemd-analyze", "security", "--offline=true", "--threshold=30", "--no-pager",
       units + "system/sspid.service"});
}

TEST_F(Systemd, users_and_folders_are_there_from_the_boot_on) {
  run({"getent", "passwd", "sspid"});
  EXPECT_NE(run({"getent", "passwd", "60831"}).find("sspid-service-31"), std::string::npos);
  EXPECT_EQ(run({"stat", "--format=%U %a", "/run/sspid"}), "root 755\n");
}

TEST_F(Systemd, first_client_starts_it) {
  ASSERT_EQ(state(), "inactive");
  EXPECT_TRUE(answers());
  EXPECT_EQ(state(), "active");
  EXPECT_EQ(status(), "serving 2 services and the users, listening on /run/sspid/sspid.sock");
}

TEST_F(Systemd, has_started_only_when_it_serves) {
  run({"systemctl", "start", "sspid.service"});
  EXPECT_EQ(status().rfind("serving ", 0), 0U) << status();
  EXPECT_NO_THROW(Credential("Kerberos", SECPKG_CRED_OUTBOUND));
}

TEST_F(Systemd, start_fails_where_the_configuration_is_wrong_and_the_journal_says_how) {
  systemd().write(kConfiguration, "{\n  \"wrong\": true\n}\n");
  EXPECT_NE(systemd().run({"systemctl", "start", "sspid.service"}).status, 0);
  // journald may look for its sender's unit when that is gone, and takes its time.
  await("the journal's line", [] {
    return systemd().journal({"SYSLOG_IDENTIFIER=sspid", "PRIORITY=2"}).find(kConfiguration + ":2") !=
           std::string::npos;
  });
}

TEST_F(Systemd, stays_without_its_socket_unit_being_stopped_and_leaves_the_socket_when_it_stops) {
  EXPECT_TRUE(answers());
  run({"systemctl", "stop", "sspid.service"});
  EXPECT_EQ(systemd().property("sspid.socket", "ActiveState"), "active");
  EXPECT_TRUE(fs::is_socket(systemd().path("/run/sspid/sspid.sock")));
  EXPECT_TRUE(answers()) << "the next client starts it again";
}

TEST_F(Systemd, one_that_hangs_is_killed_by_the_watchdog_and_comes_back) {
  set("WatchdogSec=2s");
  run({"systemctl", "start", "sspid.service"});
  const pid_t hanging = main_pid();
  ASSERT_GT(systemd().process(hanging), 0);
  ASSERT_EQ(::kill(systemd().process(hanging), SIGSTOP), 0);
  EXPECT_TRUE(answers()) << "a client that came in between has to wait only";
  EXPECT_NE(main_pid(), hanging);
  EXPECT_EQ(state(), "active");
  const std::string said = systemd().journal({"_PID=1", "UNIT=sspid.service"});
  EXPECT_NE(said.find("Watchdog timeout"), std::string::npos) << said;
}

TEST_F(Systemd, one_that_works_is_left_alone_by_the_watchdog) {
  set("WatchdogSec=1s");
  run({"systemctl", "start", "sspid.service"});
  const auto pinged = [] { return std::stoll(systemd().property("sspid.service", "WatchdogTimestampMonotonic")); };
  const auto first = pinged();
  await("pings for longer than the watchdog waits", [&] { return pinged() > first + 2'500'000; });
  EXPECT_EQ(systemd().property("sspid.service", "NRestarts"), "0");
}

// Calls InitializeSecurityContext, which needs a ticket that only the KDC has.
std::future<SECURITY_STATUS> ask_for_context(Credential& credential) {
  return std::async(std::launch::async, [&credential] {
    SspiInitiator initiator(credential, "host/localhost");
    initiator.step({});
    return initiator.status();
  });
}

TEST_F(Systemd, stop_answers_the_call_that_is_running) {
  Credential credential("Kerberos", SECPKG_CRED_OUTBOUND);
  realm().pause_kdc();
  auto answer = ask_for_context(credential);
  await("the KDC to be asked", [] { return realm().request_waits(); });
  run({"systemctl", "stop", "--no-block", "sspid.service"});
  await("sspid to stop", [] { return state() == "deactivating"; });
  realm().continue_kdc();
  EXPECT_EQ(answer.get(), SEC_I_CONTINUE_NEEDED);
  await("sspid to have stopped", [] { return state() == "inactive"; });
  EXPECT_EQ(systemd().property("sspid.service", "Result"), "success");
}

TEST_F(Systemd, restart_costs_nobody_a_call) {
  run({"systemctl", "start", "sspid.service"});
  constexpr int kClients = 4;
  std::atomic<bool> restarted{false};
  std::array<std::atomic<int>, kClients> after{};
  {
    std::vector<std::jthread> clients;
    for (auto& mine : after)
      clients.emplace_back([&] {
        for (int calls = 0; calls < 10; mine = calls) {
          EXPECT_NO_THROW(Credential("Kerberos", SECPKG_CRED_OUTBOUND));
          if (restarted) ++calls;
        }
      });
    const pid_t before = main_pid();
    run({"systemctl", "restart", "sspid.service"});
    EXPECT_NE(main_pid(), before);
    restarted = true;
  }
  for (const auto& calls : after) EXPECT_EQ(calls, 10);
}

TEST_F(Systemd, reload_takes_a_new_configuration_whole_or_not_at_all) {
  run({"systemctl", "start", "sspid.service"});
  const pid_t before = main_pid();
  systemd().write(kConfiguration, R"({ "users": {} })");
  run({"systemctl", "reload", "sspid.service"});
  await("the new configuration", [] { return status().rfind("serving 0 services and the users", 0) == 0; });
  EXPECT_FALSE(fs::exists(systemd().path(kOwnSocket)));

  systemd().write(kConfiguration, R"({ "users": { "wrong": 1 } })");
  EXPECT_NE(systemd().run({"systemctl", "reload", "sspid.service"}).status, 0);
  EXPECT_EQ(state(), "active");
  EXPECT_TRUE(answers());
  EXPECT_EQ(main_pid(), before);
}

// A program that is no client of ours. The worker that ends its connection has shut itself in before.
void talk_nonsense(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(socket.size(), sizeof address.sun_path);
  socket.copy(address.sun_path, socket.size());
  const proto::Descriptor client{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string nonsense = "GET / HTTP/1.0\r\n\r\n";
  ASSERT_EQ(::send(client.get(), nonsense.data(), nonsense.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(nonsense.size()));
  char byte = 0;
  EXPECT_LE(::recv(client.get(), &byte, 1, 0), 0);
}

TEST_F(Systemd, journal_tells_supervisor_and_worker_apart) {
  talk_nonsense(systemd().path("/run/sspid/sspid.sock"));
  const auto said = [](const std::string& role, const std::string& priority) {
    return systemd().journal({"_SYSTEMD_UNIT=sspid.service", "SYSLOG_IDENTIFIER=sspid", "SSPID_ROLE=" + role,
                              "PRIORITY=" + priority, "_TRANSPORT=journal"});
  };
  EXPECT_NE(said("supervisor", "6").find("listening on"), std::string::npos);
  const std::string worker = said("worker", "4");
  EXPECT_NE(worker.find("malformed frame"), std::string::npos) << worker;
  EXPECT_EQ(worker.find("\"_UID\":\"0\""), std::string::npos) << worker;
}

TEST_F(Systemd, a_services_own_socket_is_its_programs) {
  run({"systemctl", "start", "sspid.service"});
  EXPECT_EQ(run({"stat", "--format=%U %a", kOwnSocket}), "webapp 600\n");
  systemd().run_or_throw({"sspictl", "--socket", kOwnSocket, "ping"}, "webapp");
  EXPECT_NE(systemd().run({"sspictl", "--socket", kOwnSocket, "ping"}, "alice").status, 0);
}

TEST_F(Systemd, a_services_own_socket_may_be_a_unit) {
  const std::string unit = "/run/systemd/system/sspid-own.socket";
  systemd().write(
      unit, "[Socket]\nListenStream=" + kOwnSocket + "\nSocketUser=webapp\nSocketMode=0600\nService=sspid.service\n");
  run({"systemctl", "daemon-reload"});
  run({"systemctl", "start", "sspid-own.socket"});
  systemd().run_or_throw({"sspictl", "--socket", kOwnSocket, "ping"}, "webapp");
  EXPECT_EQ(state(), "active");
  run({"systemctl", "stop", "sspid.service"});
  EXPECT_TRUE(fs::is_socket(systemd().path(kOwnSocket)));

  systemd().write(kConfiguration, R"({ "users": {} })");
  EXPECT_NE(systemd().run({"systemctl", "start", "sspid.service"}).status, 0) << "nothing is configured for it";
  run({"systemctl", "stop", "sspid-own.socket"});
  fs::remove(systemd().path(unit));
}

// Whatever uid a worker has, it is nobody to the managers and agents of that user.
TEST_F(Systemd, what_listens_for_users_is_out_of_its_sight) {
  run({"systemctl", "start", "sspid.service"});
  const std::string seen_by_all = run({"stat", "--format=%a", "/run/user"});
  EXPECT_EQ(seen_by_all, "755\n");
  EXPECT_EQ(run({"nsenter", "--target", std::to_string(main_pid()), "--mount", "stat", "--format=%a", "/run/user"}),
            "0\n");
}

// The server of the examples as the unit that the configuration knows, and their client as a user with tickets.
class Programs {
 public:
  explicit Programs(Host& host) : systemd_(host.systemd()) {
    const std::string cache = "/tmp/krb5cc_5001";
    host.realm().kinit("alice", "alicepw", systemd_.path(cache));
    systemd_.run_or_throw({"chown", "alice:", cache});
    systemd_.run_or_throw({"systemd-run", "--quiet", "--unit=webapp", "--uid=webapp", "--remain-after-exit",
                           built_program("sspi-server"), "-p", "Kerberos", "-1", "0"});
    await("the server to listen", [this] {
      if (systemd_.property("webapp.service", "ActiveState") == "failed") throw std::runtime_error(said());
      return said().find("listening on port ") != std::string::npos;
    });
  }
  ~Programs() { static_cast<void>(systemd_.run({"systemctl", "stop", "webapp.service"})); }
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;

  Result run_client(const std::string& socket = "/run/sspid/sspid.sock") {
    const std::string words = "listening on port ";
    const std::string log = said();
    const std::size_t port = log.find(words) + words.size();
    return systemd_.run({"env", "SSPI_SOCKET=" + socket, built_program("sspi-client"), "-p", "Kerberos", "localhost",
                         log.substr(port, log.find('\n', port) - port), "host/localhost", "a message"},
                        "alice");
  }

  // What this server has said, not one of another case.
  std::string said() {
    return systemd_.run_or_throw({"journalctl", "--no-pager", "--output=cat", "--unit=webapp.service",
                                  "_SYSTEMD_INVOCATION_ID=" + systemd_.property("webapp.service", "InvocationID")});
  }

 private:
  BootedSystemd& systemd_;
};

TEST_F(Systemd, a_users_program_talks_to_a_services) {
  Programs programs(*the_host());
  const Result client = programs.run_client();
  EXPECT_EQ(client.status, 0) << client.output << programs.said();
  await("the server to end", [] { return systemd().property("webapp.service", "SubState") == "exited"; });
  EXPECT_NE(programs.said().find("a message"), std::string::npos) << programs.said();
  EXPECT_NE(programs.said().find("alice@" + realm().name()), std::string::npos) << programs.said();
  const std::string audit = systemd().journal(
      {"SSPID_ROLE=worker", "SSPID_EVENT=context", "SSPID_UNIT=webapp.service", "SSPID_IDENTITY=service web"});
  EXPECT_NE(audit.find("\"SSPID_PEER\":\"alice@" + realm().name()), std::string::npos) << audit;
}

TEST_F(Systemd, a_keytab_may_be_a_credential_of_the_unit) {
  set("LoadCredential=host.keytab:" + kKeytab);
  systemd().write(kConfiguration, configuration("/run/credentials/sspid.service/host.keytab"));
  Programs programs(*the_host());
  const Result client = programs.run_client();
  EXPECT_EQ(client.status, 0) << client.output << programs.said();
}

class UserManager {
 public:
  explicit UserManager(BootedSystemd& systemd) : systemd_(systemd) {
    systemd_.run_or_throw({"systemctl", "start", "user@5001.service"});
  }
  ~UserManager() { static_cast<void>(systemd_.run({"systemctl", "stop", "user@5001.service"})); }
  UserManager(const UserManager&) = delete;
  UserManager& operator=(const UserManager&) = delete;

 private:
  BootedSystemd& systemd_;
};

TEST_F(Systemd, a_user_has_one_without_root) {
  const UserManager manager(systemd());
  const auto as_alice = [](const std::vector<std::string>& command) {
    return systemd().run_or_throw(command, "alice");
  };
  as_alice({"systemctl", "--user", "start", "sspid.socket"});
  const std::string socket = "/run/user/5001/sspid.sock";
  EXPECT_EQ(run({"stat", "--format=%U %a", socket}), "alice 600\n");
  as_alice({"sspictl", "--socket", socket, "ping"});
  EXPECT_EQ(as_alice({"systemctl", "--user", "show", "--value", "--property=StatusText", "sspid.service"}),
            "serving user 5001, listening on " + socket + "\n");
  Programs programs(*the_host());
  const Result client = programs.run_client(socket);
  EXPECT_EQ(client.status, 0) << client.output << programs.said();
  as_alice({"systemctl", "--user", "stop", "sspid.service"});
}

}  // namespace
}  // namespace sspid::test

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  ::testing::AddGlobalTestEnvironment(new sspid::test::EndOfHost);
  return RUN_ALL_TESTS();
}
