#include "daemon/supervisor/spawn.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/control.h"

namespace sspid::supervisor {

namespace {

// Kerberos' tickets, keys and replay cache of who runs sspid.
constexpr std::array kOwn = {"KRB5CCNAME",    "KRB5_KTNAME",    "KRB5_CLIENT_KTNAME",
                             "KRB5RCACHEDIR", "KRB5RCACHETYPE", "KRB5RCACHENAME"};

constexpr std::array kPassedOn = {
    // Kerberos and the other mechanisms
    "KRB5_CONFIG", "KRB5_TRACE", "GSS_MECH_CONFIG",
    // the log: whether standard error is the journal
    "JOURNAL_STREAM",
    // C library
    "TZ", "LANG", "LC_ALL", "PATH",
    // Builds for tests
    "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS", "LLVM_PROFILE_FILE"};

void check(int error, const char* what) {
  if (error != 0) throw std::system_error{error, std::system_category(), what};
}

// posix_spawn's two parameter blocks, set up for a worker.
class SpawnPlan {
 public:
  explicit SpawnPlan(int control) {
    check(::posix_spawn_file_actions_init(&actions_), "posix_spawn_file_actions_init");
    check(::posix_spawnattr_init(&attributes_), "posix_spawnattr_init");
    check(::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0), "addopen");
    check(::posix_spawn_file_actions_adddup2(&actions_, control, control::kWorkerSocket), "adddup2");
    check(::posix_spawn_file_actions_addclosefrom_np(&actions_, control::kWorkerSocket + 1), "addclosefrom");
    // Signals as in a fresh process; a session of its own, so that Ctrl-C reaches the supervisor only, which then ends
    // it.
    sigset_t all;
    sigset_t none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    check(::posix_spawnattr_setsigdefault(&attributes_, &all), "setsigdefault");
    check(::posix_spawnattr_setsigmask(&attributes_, &none), "setsigmask");
    check(::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID),
          "setflags");
  }
  ~SpawnPlan() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  [[nodiscard]] pid_t run(const char* path, char* const* arguments, char* const* environment) const {
    pid_t pid = -1;
    check(::posix_spawn(&pid, path, &actions_, &attributes_, arguments, environment), "posix_spawn");
    return pid;
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

template <class Names>
void add_variables(const Names& names, std::vector<std::string>& environment) {
  for (const char* name : names)
    if (const char* value = std::getenv(name)) environment.push_back(std::string{name} + "=" + value);
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::vector<std::string> worker_environment() {
  auto environment = environment_for_others();
  add_variables(kOwn, environment);
  return environment;
}

std::vector<std::string> environment_for_others() {
  std::vector<std::string> environment;
  add_variables(kPassedOn, environment);
  return environment;
}

Child spawn_worker(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  std::array<int, 2> pair{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) != 0)
    check(errno, "socketpair");
  Child child;
  child.control.reset(pair[0]);
  const proto::Descriptor workers_end{pair[1]};

  std::vector<std::string> command{"sspid"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  auto variables = environment;
  child.pid =
      SpawnPlan{workers_end.get()}.run("/proc/self/exe", pointers_to(command).data(), pointers_to(variables).data());
  // Nobody else reaps our children, so the number still means this one.
  child.process.reset(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
  if (!child.process) {
    const int error = errno;
    ::kill(child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
    check(error, "pidfd_open");
  }
  return child;
}

std::string reap(const Child& child) {
  int status = 0;
  while (::waitpid(child.pid, &status, 0) < 0)
    if (errno != EINTR) return "unknown end";
  if (WIFSIGNALED(status))
    return "signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")";
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace sspid::supervisor
