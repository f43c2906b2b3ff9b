#include "daemon/supervisor/spawn.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scratch.h"

namespace sspid::supervisor {
namespace {

bool has(const std::vector<std::string>& environment, const std::string& entry) {
  return std::find(environment.begin(), environment.end(), entry) != environment.end();
}

TEST(Spawn, passes_on_what_kerberos_needs) {
  ASSERT_EQ(::setenv("KRB5_CONFIG", "/etc/other.conf", 1), 0);
  ASSERT_EQ(::setenv("GSS_MECH_CONFIG", "", 1), 0);
  const auto environment = worker_environment();
  ::unsetenv("KRB5_CONFIG");
  ::unsetenv("GSS_MECH_CONFIG");
  EXPECT_TRUE(has(environment, "KRB5_CONFIG=/etc/other.conf"));
  EXPECT_TRUE(has(environment, "GSS_MECH_CONFIG=")) << "set and empty is not the same as not set";
}

TEST(Spawn, passes_on_nothing_else) {
  for (const char* name : {"LD_PRELOAD_LIKE", "HOME", "KRB5_CONFIG_LIKE", "SSPI_SOCKET"}) ::setenv(name, "x", 1);
  ::unsetenv("KRB5_CONFIG");
  for (const std::string& entry : worker_environment())
    for (const char* name : {"LD_PRELOAD_LIKE=", "HOME=", "KRB5_CONFIG", "SSPI_SOCKET="})
      EXPECT_NE(entry.rfind(name, 0), 0U) << entry;
}

// ---- The process

proto::Descriptor opened(const std::string& path) {
  return proto::Descriptor{::open(path.c_str(), O_PATH | O_CLOEXEC)};
}

// What a shell in a worker's place writes to the control socket, as long as it goes on.
std::string what_is_said_by(const std::string& script, const proto::Descriptor& shell = opened("/bin/sh")) {
  const Child child = spawn_worker(shell.get(), {"-c", script}, {"PATH=/usr/bin:/bin"});
  std::string all;
  std::array<char, 4096> piece{};
  for (pollfd socket{child.control.get(), POLLIN, 0}; ::poll(&socket, 1, -1) == 1;) {
    const auto got = ::recv(child.control.get(), piece.data(), piece.size(), 0);
    if (got <= 0) break;
    all.append(piece.data(), static_cast<std::size_t>(got));
  }
  EXPECT_EQ(reap(child), "exit status 0") << all;
  return all;
}

TEST(Spawn, executes_what_was_opened_whatever_lies_at_its_path_now) {
  const test::Directory directory;
  const std::string path = directory.file("program");
  std::filesystem::copy_file("/bin/sh", path);
  const auto program = opened(path);
  std::filesystem::remove(path);
  std::ofstream{path} << "another version";
  EXPECT_EQ(what_is_said_by("echo the first >&3", program), "the first\n");
}

TEST(Spawn, leaves_a_worker_no_descriptor_but_its_own) {
  // Kept over exec, as from whoever started sspid.
  const int left = ::fcntl(opened("/dev/null").get(), F_DUPFD, 50);
  EXPECT_EQ(what_is_said_by("i=0; while [ $i -lt 100 ]; do [ ! -e /proc/$$/fd/$i ] || echo $i >&3; i=$((i + 1)); done"),
            "0\n1\n2\n3\n");
  ::close(left);
}

// As filters of containers do that are older than the call. For good.
void refuse_close_range() {
  std::array program{sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                     sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
                     sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                     sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog filter{program.size(), program.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    std::_Exit(2);
}

TEST(Spawn, leaves_a_worker_no_descriptor_but_its_own_without_close_range_either) {
  const auto spawn = [] {
    refuse_close_range();
    // More than one reading of the list gives.
    for (int i = 0; i < 400; ++i) static_cast<void>(::fcntl(STDERR_FILENO, F_DUPFD, 50));
    const auto said = what_is_said_by("for i in /proc/$$/fd/*; do [ ! -e $i ] || echo ${i##*/} >&3; done");
    std::_Exit(said == "0\n1\n2\n3\n" ? 0 : 1);
  };
  EXPECT_EXIT(spawn(), ::testing::ExitedWithCode(0), "");
}

TEST(Spawn, worker_begins_with_signals_as_they_are_and_in_a_session_of_its_own) {
  ::signal(SIGUSR1, SIG_IGN);
  sigset_t blocked, before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGUSR2);
  ::sigprocmask(SIG_BLOCK, &blocked, &before);
  const auto said =
      what_is_said_by("grep -E '^Sig(Blk|Ign):' /proc/self/status >&3; ps -o sid= -p $$ | grep -qw $$ && echo own >&3");
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ::signal(SIGUSR1, SIG_DFL);
  EXPECT_EQ(said, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nown\n");
}

TEST(Spawn, what_cannot_be_executed_is_no_worker) {
  const test::Directory directory;
  const std::string path = directory.file("program");
  std::ofstream{path} << "no program";
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  try {
    static_cast<void>(spawn_worker(opened(path).get(), {}, {}));
    FAIL() << "it is there";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ENOEXEC);
  }
}

}  // namespace
}  // namespace sspid::supervisor
