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

#include "support/booted_systemd.h"
#include "support/daemon.h"
#include "support/realm.h"
#include "support/sspi_peer.h"

namespace sspid::test {
namespace {

namespace fs = std::filesystem;

const std::string kProgram = SSPID_SBINDIR "/sspid";
const std::string kConfiguration = SSPID_SYSCONFDIR "/sspid/sspid.json";
const std::string kDropIns = "/run/systemd/system/sspid.service.d";

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  if (!(std::ofstream(path) << text)) throw std::runtime_error("cannot write " + path.string());
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
    copy_program("sspictl", "/usr/local/bin/sspictl");
    write_file(root / kConfiguration.substr(1), "{}\n");
    write_file(root / "etc/krb5.conf", host_krb5_conf(realm_));
    write_file(root / "usr/lib/sysusers.d/people.conf", "u alice 5001 - /home/alice /bin/sh\n");
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
  EXPECT_NE(systemd().property("sspid.service", "StatusText").find("/run/sspid/sspid.sock"), std::string::npos);
}

TEST_F(Systemd, has_started_only_when_it_serves) {
  run({"systemctl", "start", "sspid.service"});
  EXPECT_NE(systemd().property("sspid.service", "StatusText").find("serving"), std::string::npos);
  EXPECT_NO_THROW(Credential("Kerberos", SECPKG_CRED_OUTBOUND));
}

TEST_F(Systemd, start_fails_where_the_configuration_is_wrong_and_the_journal_says_how) {
  systemd().write(kConfiguration, "{\n  \"wrong\": true\n}\n");
  EXPECT_NE(systemd().run({"systemctl", "start", "sspid.service"}).status, 0);
  systemd().write(kConfiguration, "{}\n");
  const std::string said = systemd().journal({"_SYSTEMD_UNIT=sspid.service", "PRIORITY=2"});
  EXPECT_NE(said.find(kConfiguration + ":2"), std::string::npos) << said;
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

TEST_F(Systemd, journal_has_what_lines_say_as_fields) {
  run({"systemctl", "restart", "sspid.service"});
  const std::string said = systemd().journal({"_SYSTEMD_UNIT=sspid.service", "SYSLOG_IDENTIFIER=sspid",
                                              "SSPID_ROLE=supervisor", "_PID=" + std::to_string(main_pid())});
  EXPECT_NE(said.find("\"PRIORITY\":\"6\""), std::string::npos) << said;
}

TEST_F(Systemd, keytab_may_be_a_credential_of_the_unit) {
  systemd().write("/etc/sspid-keys/host.keytab", read_text(realm().keytab()));
  run({"chmod", "600", "/etc/sspid-keys/host.keytab"});
  set("LoadCredential=host.keytab:/etc/sspid-keys/host.keytab\nEnvironment=KRB5_KTNAME=%d/host.keytab");
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  SspiInitiator client(outbound, "host/localhost");
  SspiAcceptor server(inbound);
  EXPECT_TRUE(shake_hands(client, server).complete());
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
            "serving user 5001 on " + socket + "\n");
  as_alice({"systemctl", "--user", "stop", "sspid.service"});
}

}  // namespace
}  // namespace sspid::test

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  ::testing::AddGlobalTestEnvironment(new sspid::test::EndOfHost);
  return RUN_ALL_TESTS();
}
