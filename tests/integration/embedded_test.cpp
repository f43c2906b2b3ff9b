// `embedded:`, a daemon of the program's own: nobody sees it, nothing of it is left, and the program's processes share
// it.
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "context_pair.h"
#include "support/daemon.h"
#include "support/realm.h"
#include "support/sanitizers.h"

namespace sspid::test {
namespace {

// Only one realm for all cases, and no daemon: nothing is running.
Realm& realm() {
  static Realm the_realm;
  return the_realm;
}

class Embedded : public ::testing::Test {
 protected:
  Directory directory_;

  // What the programs of this case have in their environment, and their daemons too: it tells them from all others.
  const std::string mark_ = "SSPID_TEST_MARK=" + directory_.path().string();

  Environment environment() const {
    return with(realm().environment(), {{"SSPI_SOCKET", "embedded:"},
                                        {"SSPI_DAEMON", built_program("sspid")},
                                        {"SSPID_TEST_MARK", directory_.path().string()}});
  }

  // Supervisors: workers get no such variable.
  std::vector<pid_t> daemons() const {
    std::vector<pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::error_code none;
      if (!std::filesystem::exists(entry.path() / "environ", none)) continue;
      if (('\0' + read_text(entry.path() / "environ")).find('\0' + mark_ + '\0') == std::string::npos) continue;
      if (read_text(entry.path() / "comm") != "sspid\n") continue;
      const pid_t pid = std::stoi(entry.path().filename());
      if (!has_ended(pid)) found.push_back(pid);
    }
    return found;
  }

  pid_t daemon() const {
    const auto all = daemons();
    if (all.size() != 1) throw std::runtime_error("there are " + std::to_string(all.size()) + " daemons");
    return all.front();
  }

  std::string output() const { return read_text(directory_.file("output")); }

  // Beside the test; `say()` lets it go on.
  Process start(const std::string& act) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    const proto::Descriptor input(ends[0]);
    word_.reset(ends[1]);
    return Process({.command = {built_program("embedded_program"), act},
                    .environment = environment(),
                    .output = directory_.file("output"),
                    .input = input.get()});
  }

  void await_running(const Process& program) {
    await(
        "the program", [this] { return output() == "running\n"; }, &program);
  }

  void say() { ASSERT_EQ(::write(word_.get(), "x", 1), 1); }

  // With its worker.
  void end(pid_t daemon, int signal) {
    const auto workers = children_of(daemon);
    ASSERT_EQ(::kill(daemon, signal), 0);
    await("the end of the daemon", [&] { return has_ended(daemon); });
    for (const pid_t worker : workers) await("the end of its worker", [&] { return has_ended(worker); });
  }

  void expect_nothing_left() {
    await("the end of all daemons", [this] { return daemons().empty(); });
  }

  void expect_ok(const std::string& act) {
    EXPECT_EQ(run({built_program("embedded_program"), act}, environment()).output, "ok\n");
    expect_nothing_left();
  }

  proto::Descriptor word_;
};

TEST_F(Embedded, program_logs_on_and_exchanges_messages_with_nothing_running) { expect_ok("exchange"); }

TEST_F(Embedded, program_never_sees_its_daemon_as_a_child) {
  Process program = start("never-see-the-child");
  await_running(program);
  end(daemon(), SIGKILL);
  say();
  EXPECT_EQ(program.wait(), 0) << output();
  EXPECT_EQ(output(), "running\nok\n");
  expect_nothing_left();
}

TEST_F(Embedded, daemon_that_is_gone_takes_its_handles_along_and_the_next_call_starts_another) {
  for (const int signal : {SIGKILL, SIGTERM}) {
    std::filesystem::remove(directory_.file("output"));
    Process program = start("lose-the-daemon");
    await_running(program);
    end(daemon(), signal);
    say();
    EXPECT_EQ(program.wait(), 0) << output();
    expect_nothing_left();
  }
}

TEST_F(Embedded, worker_that_is_gone_is_replaced_by_the_same_daemon) {
  Process program = start("lose-the-daemon");
  await_running(program);
  const pid_t supervisor = daemon();
  for (const pid_t worker : children_of(supervisor)) {
    ASSERT_EQ(::kill(worker, SIGKILL), 0);
    await("the end of the worker", [&] { return has_ended(worker); });
  }
  say();
  EXPECT_EQ(program.wait(), 0) << output();
  expect_nothing_left();
}

TEST_F(Embedded, killed_program_leaves_no_daemon_behind) {
  Process program = start("lose-the-daemon");
  await_running(program);
  const auto workers = children_of(daemon());
  EXPECT_EQ(workers.size(), 1U);
  program.kill();
  expect_nothing_left();
  for (const pid_t worker : workers) await("the end of the worker", [&] { return has_ended(worker); });
}

TEST_F(Embedded, fifty_short_programs_leave_no_daemon_behind) {
  for (int round = 0; round < 10; ++round) {
    std::vector<Process> programs;
    for (int i = 0; i < 5; ++i)
      programs.push_back(Process({.command = {built_program("embedded_program"), "exchange"},
                                  .environment = environment(),
                                  .output = directory_.file("output")}));
    for (Process& program : programs) EXPECT_EQ(program.wait(), 0) << output();
  }
  expect_nothing_left();
}

TEST_F(Embedded, program_that_closes_all_descriptors_loses_its_handles_and_nothing_else) { expect_ok("close-all"); }

TEST_F(Embedded, numbers_that_the_program_uses_again_are_left_alone) { expect_ok("use-the-numbers"); }

TEST_F(Embedded, program_that_becomes_a_daemon_and_closes_all_goes_on) {
  Process program = start("become-daemon");
  EXPECT_EQ(program.wait(), 0) << output();
  await("the word of the daemon", [&] { return output().ends_with('\n'); });
  EXPECT_EQ(output(), "ok\n");
  expect_nothing_left();
}

TEST_F(Embedded, children_share_their_parent_s_daemon_and_contexts) { expect_ok("fork-children"); }

TEST_F(Embedded, daemon_lives_until_the_last_process_that_inherited_it_has_gone) {
  Process program = start("outlive-the-parent");
  EXPECT_EQ(program.wait(), 0) << output();
  await("the word of the child", [&] { return output().ends_with('\n'); });
  EXPECT_EQ(output(), "ok\n");
  expect_nothing_left();
}

TEST_F(Embedded, threads_that_call_at_the_same_time_start_one_daemon) {
  Process program = start("start-by-threads");
  await_running(program);
  EXPECT_EQ(daemons().size(), 1U);
  say();
  EXPECT_EQ(program.wait(), 0) << output();
  expect_nothing_left();
}

TEST_F(Embedded, children_forked_while_a_daemon_starts_do_not_keep_it) { expect_ok("fork-while-starting"); }

// 0 where there is no such line.
std::uint64_t signals(pid_t process, const char* kind) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;)
    if (word == kind) {
      std::string mask;
      status >> mask;
      return std::stoull(mask, nullptr, 16);
    }
  return 0;
}

TEST_F(Embedded, daemon_takes_up_neither_the_program_s_signals_nor_its_descriptors) {
  const std::string secret = directory_.file("secret");
  std::ofstream(secret) << "secret";
  const proto::Descriptor inherited(::open(secret.c_str(), O_RDONLY));  // by the program, at its start
  Process program = start("be-disturbed");
  await_running(program);
  const pid_t supervisor = daemon();
  EXPECT_EQ(signals(supervisor, "SigBlk:"), 0U);
  // The C library keeps two for itself, which nobody can set by its means.
  const std::uint64_t kept = std::uint64_t{3} << (__SIGRTMIN - 1);
  EXPECT_EQ(signals(supervisor, "SigIgn:") & ~kept, std::uint64_t{1} << (SIGPIPE - 1));

  const auto descriptors = "/proc/" + std::to_string(supervisor) + "/fd";
  const auto read_link = [&](int fd) {
    return std::filesystem::read_symlink(descriptors + '/' + std::to_string(fd)).string();
  };
  EXPECT_EQ(read_link(STDIN_FILENO), "/dev/null");
  EXPECT_EQ(read_link(STDOUT_FILENO), "/dev/null");
  EXPECT_EQ(read_link(STDERR_FILENO), directory_.file("output")) << "the program's";
  for (const auto& entry : std::filesystem::directory_iterator(descriptors)) {
    std::error_code gone;
    EXPECT_NE(std::filesystem::read_symlink(entry.path(), gone).string(), secret);
  }
  EXPECT_EQ(::getsid(supervisor), supervisor);
  say();
  EXPECT_EQ(program.wait(), 0) << output();
  expect_nothing_left();
}

TEST_F(Embedded, program_without_standard_streams_is_served) {
  const std::string command = built_program("embedded_program") + " exchange <&- >&- 2>&-";
  // That it cannot print is not what it is asked for: the shell tells how it ended.
  const Result result = run({"/bin/sh", "-c", command}, environment());
  EXPECT_EQ(result.status, 0) << result.output;
  expect_nothing_left();
}

TEST_F(Embedded, fails_at_once_where_there_is_no_daemon_to_start) {
  const auto hopeless = [&](const std::string& daemon) {
    // Nobody comes back of whom one could wait.
    return run({built_program("embedded_program"), "fail"},
               with(environment(), {{"SSPI_DAEMON", daemon}, {"SSPI_CONNECT_TIMEOUT", "3600"}}))
        .output;
  };
  EXPECT_EQ(
      hopeless("/nonexistent/sspid"),
      "SEC_E_INTERNAL_ERROR (0x80090304): there is no sspid of this program's own, /nonexistent/sspid: No such file or "
      "directory\nok\n");
  EXPECT_EQ(hopeless("/etc/passwd"),
            "SEC_E_INTERNAL_ERROR (0x80090304): there is no sspid of this program's own, /etc/passwd: Permission "
            "denied\nok\n");
  EXPECT_EQ(hopeless("/bin/true"),
            "SEC_E_INTERNAL_ERROR (0x80090304): there is no sspid of this program's own, /bin/true: Connection reset "
            "by peer\nok\n");
}

TEST_F(Embedded, sspid_is_nobody_s_own_where_a_person_starts_it) {
  const Result result = run({built_program("sspid"), "--embedded"}, environment());
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.output.find("--embedded is for libsspi only"), std::string::npos) << result.output;
}

TEST_F(Embedded, event_loop_that_never_waits_is_served_too) {
  Process server({.command = {built_program("sspi-server"), "0"},
                  .environment = environment(),
                  .output = directory_.file("output")});
  await(
      "sspi-server", [this] { return output().find('\n') != std::string::npos; }, &server);
  const std::string words = "listening on port ";
  const std::string port = output().substr(output().find(words) + words.size(), output().find('\n') - words.size());
  const Result client =
      run({built_program("sspi-async-client"), "localhost", port, "host/localhost", "20"}, environment());
  EXPECT_EQ(client.status, 0) << client.output;
  EXPECT_NE(client.output.find("20 contexts established"), std::string::npos) << client.output;
  server.terminate();
  expect_nothing_left();
}

class EmbeddedProgramThatGivesUpRoot : public Embedded {
  void TestBody() override {
    // Where everybody may execute it.
    const std::string daemon = directory_.file("sspid");
    for (const char* program : {"sspid", "sspid-worker"})
      std::filesystem::copy_file(built_program(program), directory_.file(program));
    const Result result =
        run({built_program("embedded_program"), "become-another-user"}, with(environment(), {{"SSPI_DAEMON", daemon}}));
    EXPECT_EQ(result.output, "ok\n");
    expect_nothing_left();
  }
};

// Only where there is root to give up is there such a test.
[[maybe_unused]] const ::testing::TestInfo* const kRootOnly =
    ::geteuid() == 0
        ? ::testing::RegisterTest("Embedded", "program_that_gives_up_root_keeps_its_daemon", nullptr, nullptr, __FILE__,
                                  __LINE__, []() -> Embedded* { return new EmbeddedProgramThatGivesUpRoot; })
        : nullptr;

TEST_F(Embedded, memory_is_in_order_in_parent_and_children) {
  if (is_sanitized()) return;  // sanitizers and valgrind exclude each other
  const std::string valgrind = find_program("valgrind");
  for (const char* act : {"fork-children", "close-all"}) {
    const Result result = run({valgrind, "--quiet", "--error-exitcode=99", "--trace-children=no",
                               "--child-silent-after-fork=no", built_program("embedded_program"), act},
                              environment());
    EXPECT_EQ(result.status, 0) << result.output;
  }
  expect_nothing_left();
}

}  // namespace
}  // namespace sspid::test
