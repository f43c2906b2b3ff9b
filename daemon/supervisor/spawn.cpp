#include "daemon/supervisor/spawn.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
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

[[noreturn]] void fail(int error, const char* what) { throw std::system_error{error, std::system_category(), what}; }

struct Pair {
  proto::Descriptor ours;
  proto::Descriptor theirs;
};

Pair control_pair() {
  std::array<int, 2> pair{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) != 0)
    fail(errno, "socketpair");
  return {proto::Descriptor{pair[0]}, proto::Descriptor{pair[1]}};
}

// By which a child says what kept it from executing the program. The program itself closes it.
Pair failure_pipe() {
  std::array<int, 2> pipe{-1, -1};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) fail(errno, "pipe");
  return {proto::Descriptor{pipe[0]}, proto::Descriptor{pipe[1]}};
}

// No handler of ours may run in a child.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsHeld() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_{};
};

// ---- In the child: system calls and nothing else. posix_spawn, which would do the same, executes paths only, and what
// lies at a path may be another version's by now.

constexpr int kFirstUnwanted = control::kWorkerSocket + 1;

// Out of the way of the numbers that a worker's descriptors have.
bool move_up(int& descriptor) {
  descriptor = ::fcntl(descriptor, F_DUPFD_CLOEXEC, kFirstUnwanted);
  return descriptor >= 0;
}

bool take_control(int control) {
  if (control == control::kWorkerSocket) return ::fcntl(control, F_SETFD, 0) == 0;
  return ::dup2(control, control::kWorkerSocket) >= 0;
}

bool read_nothing() {
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  return nothing == STDIN_FILENO ? ::fcntl(nothing, F_SETFD, 0) == 0 : ::dup2(nothing, STDIN_FILENO) >= 0;
}

void leave_if_unwanted(const char* number) {
  int descriptor = -1;
  std::from_chars(number, number + std::strlen(number), descriptor);  // "." and ".." are none
  if (descriptor >= kFirstUnwanted) ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

// Only those that there are: up to the limit there can be a thousand million numbers, and each is a system call.
bool leave_what_is_listed() {
  const int list = ::open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (list < 0) return false;
  alignas(dirent64) std::array<char, 4096> entries;
  ssize_t size = 0;
  while ((size = ::getdents64(list, entries.data(), entries.size())) > 0)
    for (const char* at = entries.data(); at < entries.data() + size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(at);
      leave_if_unwanted(entry->d_name);
      at += entry->d_reclen;
    }
  return size == 0;
}

// Those that whoever started sspid has left to it. The flag is unknown before Linux 5.11, and the call to filters of
// older containers.
bool leave_the_rest() { return ::close_range(kFirstUnwanted, ~0U, CLOSE_RANGE_CLOEXEC) == 0 || leave_what_is_listed(); }

// Signals as in a fresh process; a session of its own, so that Ctrl-C reaches the supervisor only, which then ends it.
void live_on_its_own() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setsid();
}

[[noreturn]] void become_worker(int program, int control, int failure, char* const* arguments,
                                char* const* environment) {
  if (move_up(failure) && move_up(program) && take_control(control) && read_nothing() && leave_the_rest()) {
    live_on_its_own();
    ::execveat(program, "", arguments, environment, AT_EMPTY_PATH);
  }
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(failure, &error, sizeof error);
  ::_exit(EXIT_FAILURE);
}

// ---- Here again

// 0: the child has become the program.
int error_of(const proto::Descriptor& failure) {
  int error = 0;
  ssize_t got = -1;
  do got = ::read(failure.get(), &error, sizeof error);
  while (got < 0 && errno == EINTR);
  return got == sizeof error ? error : 0;
}

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

Child spawn_worker(int program, const std::vector<std::string>& arguments,
                   const std::vector<std::string>& environment) {
  std::vector<std::string> command{"sspid-worker"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  auto variables = environment;
  const auto argument_pointers = pointers_to(command);
  const auto variable_pointers = pointers_to(variables);
  Pair control = control_pair();
  Pair failure = failure_pipe();

  Child child;
  {
    const SignalsHeld held;
    child.pid = ::fork();
    if (child.pid == 0)
      become_worker(program, control.theirs.get(), failure.theirs.get(), argument_pointers.data(),
                    variable_pointers.data());
  }
  if (child.pid < 0) fail(errno, "fork");
  failure.theirs.reset();
  int error = error_of(failure.ours);
  // Nobody else reaps our children, so the number still means this one.
  if (error == 0) {
    child.process.reset(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
    error = child.process ? 0 : errno;
  }
  if (error != 0) {
    ::kill(child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
    fail(error, "starting a worker");
  }
  child.control = std::move(control.ours);
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
