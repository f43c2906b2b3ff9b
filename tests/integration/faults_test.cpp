// What goes wrong on a host, and what of it who sees: the client whom it concerns, the others, who see nothing, and
// when all is well again.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "children.h"
#include "served.h"
#include "support/sanitizers.h"

namespace sspid::test {
namespace {

/// Two services: what happens happens to web, and db is the witness that nothing happened.
class Faults : public Served {
 protected:
  [[nodiscard]] std::string services(const std::string& quotas = {}) const {
    return "\"web\": {" + socket("web.sock") + ", " + keytab("") + quotas + "}, \"db\": {" + socket("db.sock") + ", " +
           keytab("") + "}";
  }

  void begin(const std::vector<std::string>& options = {}, const std::vector<std::string>& prefix = {}) {
    start(services(), "", options, prefix);
    log_on(web_.emplace(actor(0, "web.sock")));
    log_on(db_.emplace(actor(0, "db.sock")));
  }

  static void log_on(Actor& service) {
    ASSERT_EQ(service.status("acquire Kerberos inbound"), "SEC_E_OK");
    const Handshake handshake = log_on_to(service, "host@localhost");
    ASSERT_TRUE(handshake.complete()) << handshake.acceptor.status;
  }

  void expect_witness_saw_nothing() {
    EXPECT_EQ(db_->status("sign text"), "SEC_E_OK");
    log_on(*db_);
    EXPECT_EQ(worker_of("db"), worker_of_db_);
  }
  /// From now on nothing is in the way of all being well.
  void is_over() { over_since_ = Clock::now(); }
  /// Tells how long that took: docs/faults.md has it.
  void expect_all_is_well() {
    log_on(*web_);
    EXPECT_EQ(web_->status("sign text"), "SEC_E_OK");
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - over_since_);
    RecordProperty("milliseconds_until_all_was_well", static_cast<int>(took.count()));
    std::cout << "all was well after " << took.count() << " ms\n";
    expect_witness_saw_nothing();
  }

  /// Its worker's pid as the log has it last.
  [[nodiscard]] pid_t worker_of(const std::string& service) const {
    const std::string text = log();
    const std::string end = " of service " + service + " is ready";
    const std::size_t at = text.rfind(end);
    if (at == std::string::npos) return -1;
    const std::size_t begin = text.rfind(' ', at - 1) + 1;
    return static_cast<pid_t>(std::stol(text.substr(begin, at - begin)));
  }
  [[nodiscard]] pid_t victim() {
    worker_of_db_ = worker_of("db");
    is_over();
    return worker_of("web");
  }

  /// By a reload; returns when the worker has it.
  void limit_memory(const std::string& quotas, pid_t worker, const std::string& limit) {
    write(services(quotas));
    reload();
    await("the limit", [&] {
      const std::string limits = read_text("/proc/" + std::to_string(worker) + "/limits");
      const std::size_t at = limits.find("Max data size");
      return limits.substr(at + 26, limit.size() + 1) == limit + ' ';
    });
  }

  using Clock = std::chrono::steady_clock;
  std::optional<Actor> web_, db_;
  pid_t worker_of_db_ = -1;
  Clock::time_point over_since_{};
};

TEST_F(Faults, killed_worker_costs_its_identity_the_contexts_and_nobody_else_anything) {
  begin();
  ::kill(victim(), SIGKILL);
  await("the death", [&] { return log().find("of service web died") != std::string::npos; });
  EXPECT_EQ(web_->status("session-key"), "SEC_E_INVALID_HANDLE");
  expect_all_is_well();
}

TEST_F(Faults, stopped_worker_is_replaced_and_who_waited_for_it_is_told) {
  begin({"--patience-seconds", "2"});
  const pid_t stopped = victim();
  freeze(stopped);
  web_->tell("session-key");
  expect_witness_saw_nothing();
  EXPECT_EQ(web_->answer(), "SEC_E_INTERNAL_ERROR") << "E-188: nobody knows what became of the call";
  EXPECT_EQ(web_->status("session-key"), "SEC_E_INVALID_HANDLE");
  EXPECT_NE(log().find("worker " + std::to_string(stopped) + " of service web hangs and is killed"), std::string::npos);
  expect_all_is_well();
}

TEST_F(Faults, worker_without_memory_says_so_and_goes_on_when_there_is_some) {
  if (is_sanitized()) return;  // whose malloc ends the process instead
  begin();
  const pid_t worker = victim();
  // What it has now, and a little.
  std::ifstream status("/proc/" + std::to_string(worker) + "/status");
  std::uint64_t kibibytes = 0;
  for (std::string word; status >> word;)
    if (word == "VmData:") status >> kibibytes;
  ASSERT_GT(kibibytes, 0U);
  const std::uint64_t mebibytes = std::max<std::uint64_t>(kibibytes / 1024 + 3, 16);
  limit_memory(R"(, "quotas": {"memory_mib": )" + std::to_string(mebibytes) + "}", worker,
               std::to_string(mebibytes << 20));
  std::string failed;
  for (int i = 0; i < 5000 && failed.empty(); ++i) {
    const Handshake handshake = log_on_to(*web_, "host@localhost");
    if (!handshake.complete()) failed = handshake.acceptor.status;
    if (failed.empty()) {
      ASSERT_EQ(web_->status("hold"), "SEC_E_OK");
    }
  }
  EXPECT_EQ(failed, "SEC_E_INSUFFICIENT_MEMORY ");
  expect_witness_saw_nothing();
  is_over();
  EXPECT_EQ(web_->status("release"), "SEC_E_OK");
  limit_memory("", worker, "unlimited");
  expect_all_is_well();
  EXPECT_EQ(worker_of("web"), worker) << "it is the same process";
}

// A worker takes no more connections than its descriptors are good for, so that calls never lack one.
TEST_F(Faults, worker_near_the_end_of_its_descriptors_turns_new_connections_away) {
  begin({}, {"prlimit", "--nofile=64:64"});
  (void)victim();
  std::vector<Actor> others;
  while (others.size() < 64) {
    others.push_back(actor(0, "web.sock"));
    if (others.back().status("packages") != "SEC_E_OK") break;
  }
  EXPECT_EQ(others.back().status("packages"), "SEC_E_NOT_OWNER");
  EXPECT_EQ(web_->status("sign text"), "SEC_E_OK") << "who is connected notices nothing";
  expect_witness_saw_nothing();
  others.clear();
  is_over();
  await("room", [&] { return actor(0, "web.sock").status("packages") == "SEC_E_OK"; });
  expect_all_is_well();
}

TEST_F(Faults, supervisor_without_descriptors_lets_new_clients_wait) {
  begin({}, {"prlimit", "--nofile=64:64"});
  (void)victim();
  const auto complains = [&] {
    return log().find("cannot accept connections") != std::string::npos ||
           log().find("could be started") != std::string::npos;
  };
  std::vector<Actor> users;  // each an identity of its own, and a worker
  while (!complains()) {
    ASSERT_LT(users.size(), 64U);
    users.push_back(actor(2000 + static_cast<unsigned>(users.size())));
    users.back().tell("packages");
    await("an answer or the complaint", [&] { return complains() || users.back().has_answered(); });
  }
  EXPECT_EQ(web_->status("sign text"), "SEC_E_OK") << "who is connected notices nothing";
  expect_witness_saw_nothing();
  Actor late = std::move(users.back());
  users.pop_back();
  for (const pid_t worker : daemon_->workers())
    if (log().find("worker " + std::to_string(worker) + " of user 20") != std::string::npos) ::kill(worker, SIGKILL);
  is_over();
  EXPECT_EQ(late.answer().substr(0, 8), "SEC_E_OK") << "there is room again";
  expect_all_is_well();
}

TEST_F(Faults, killed_supervisor_takes_its_workers_along_and_a_new_one_serves_at_once) {
  begin();
  const pid_t web = victim(), db = worker_of("db");
  daemon_->kill();
  await("the workers' end", [&] { return has_ended(web) && has_ended(db); });
  EXPECT_EQ(web_->status("session-key"), "SEC_E_INVALID_HANDLE");
  web_->tell("acquire Kerberos inbound");  // waits for the daemon
  is_over();
  daemon_->start();
  EXPECT_EQ(web_->answer(), "SEC_E_OK");
  log_on(*db_);
  worker_of_db_ = worker_of("db");
  expect_all_is_well();
}

// Where nothing can be remembered, nothing may be accepted: what was seen already would be taken for new.
TEST_F(Faults, full_disk_refuses_what_cannot_be_remembered) {
  const std::string state = directory_.file("state");
  std::filesystem::create_directory(state);
  ASSERT_EQ(::mount("tmpfs", state.c_str(), "tmpfs", 0, "size=64k,mode=755"), 0);
  struct Unmount {
    std::string path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } const unmount{state};
  begin();
  (void)victim();
  const std::string filler = state + "/filler";
  for (std::ofstream out(filler, std::ios::binary); out.put('x').flush();) {
  }
  std::string failed;
  for (int i = 0; i < 5000 && failed.empty(); ++i) {
    const Handshake handshake = log_on_to(*web_, "host@localhost");
    if (!handshake.complete()) failed = handshake.acceptor.status;
  }
  EXPECT_EQ(failed, "SEC_E_INTERNAL_ERROR ") << "more was accepted than could be remembered";
  EXPECT_EQ(db_->status("sign text"), "SEC_E_OK");
  std::filesystem::remove(filler);
  is_over();
  expect_all_is_well();
}

/// Connects and leaves again, as fast as the kernel lets it, until it is killed.
class Flooder {
 public:
  Flooder(unsigned uid, const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    child_ = fork_child([&] {
      if (::setgid(uid) != 0 || ::setuid(uid) != 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) ::_exit(1);
      while (true) {
        const proto::Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        (void)::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
      }
    });
  }
  Flooder(const Flooder&) = delete;
  Flooder& operator=(const Flooder&) = delete;
  ~Flooder() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    (void)wait_for_child(child_);
  }

 private:
  pid_t child_ = -1;
};

TEST_F(Faults, who_connects_without_a_pause_keeps_nobody_from_the_supervisor) {
  start(services() + R"(, "root": {"match": {"user": "root"}})", R"(, "users": {"serve": false})");
  const auto administrator = [&] {
    return run({built_program("sspictl"), "--socket", daemon_->socket(), "--json", "status"}, base_environment());
  };
  const Flooder one(3001, daemon_->socket()), two(3001, daemon_->socket()), three(3001, daemon_->socket());
  await("the flood", [&] { return log().find("event=refusal") != std::string::npos; });
  for (int i = 0; i < 3; ++i) log_on(web_.emplace(actor(0, "web.sock")));
  const Result status = administrator();
  EXPECT_EQ(status.status, 0) << status.output;
  EXPECT_NE(status.output.find("users.serve"), std::string::npos) << status.output;
  const pid_t worker = worker_of("web");
  ASSERT_GT(worker, 0);
  ::kill(worker, SIGKILL);
  await("the death", [&] { return log().find("of service web died") != std::string::npos; });
  log_on(*web_);
}

// The program itself would stay between us and what it runs.
std::string library_of_faketime() {
  std::string path =
      run_or_throw({"faketime", "-f", "+0", "sh", "-c", "printf %s \"$LD_PRELOAD\""}, base_environment());
  return path.substr(path.find('/'));
}

// That of one host can be moved from outside only as seen from another: here it is the KDC's, two hours ahead for a
// while.
TEST_F(Faults, clock_that_moves_is_called_by_its_name_and_when_it_is_back_all_is_well) {
  begin();
  (void)victim();
  const auto logs_on = [&](const std::string& cache) {
    realm().kinit("alice", "alicepw", directory_.file(cache), {"-S", realm().qualified("host/localhost")});
    GssInitiator client({.target = "host@localhost", .cache = directory_.file(cache)});
    ActingAcceptor acceptor(*web_);
    return shake_hands(client, acceptor).acceptor.status;
  };
  realm().stop_kdc();
  realm().start_kdc({"env", "LD_PRELOAD=" + library_of_faketime(), "FAKETIME=+2h"});
  EXPECT_EQ(logs_on("ahead"), "SEC_E_TIME_SKEW ");
  expect_witness_saw_nothing();
  realm().stop_kdc();
  realm().start_kdc();
  is_over();
  EXPECT_EQ(logs_on("back"), "SEC_E_OK");
  expect_all_is_well();
}

TEST_F(Faults, kdc_that_is_down_is_missed_for_new_tickets_only_and_found_when_it_is_back) {
  begin();
  const std::string cache = directory_.file("cc");
  realm().kinit("alice", "alicepw", cache);
  Actor alice(
      {.uid = 0, .gid = 0, .environment = {{"SSPI_SOCKET", daemon_->socket()}, {"KRB5CCNAME", "FILE:" + cache}}});
  ASSERT_EQ(alice.status("acquire Kerberos outbound"), "SEC_E_OK");
  ASSERT_EQ(alice.status("initiate host/localhost"), "SEC_I_CONTINUE_NEEDED");
  (void)victim();
  realm().stop_kdc();
  EXPECT_EQ(alice.status("initiate ldap/localhost"), "SEC_E_NO_AUTHENTICATING_AUTHORITY");
  EXPECT_EQ(alice.status("initiate host/localhost"), "SEC_I_CONTINUE_NEEDED") << "its ticket is cached";
  expect_all_is_well();
  realm().start_kdc();
  is_over();
  EXPECT_EQ(alice.status("initiate ldap/localhost"), "SEC_I_CONTINUE_NEEDED");
  expect_all_is_well();
}

}  // namespace
}  // namespace sspid::test
