#include "client-lib/detached_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/embedded.h"

namespace sspi {

namespace {

// A process made by clone() with another exit signal than SIGCHLD is silent, but exec makes the signal SIGCHLD again.
// So there are two: a silent one between, which never executes anything and is awaited here, and its child, which does,
// and which the kernel gives to init when the one between ends. Both borrow this process' memory, while the calling
// thread stands still (CLONE_VM, CLONE_VFORK), as posix_spawn's child does: nothing is copied, and no handler of fork()
// runs. For the same reason they must not touch what other threads may have in hand, locks and the allocator above all:
// they make system calls, directly, and nothing else. Sanitizers are kept out likewise.
#ifdef __clang__
#define SSPI_BETWEEN_FORK_AND_EXEC [[clang::no_sanitize("address", "thread", "undefined")]]
#else
#define SSPI_BETWEEN_FORK_AND_EXEC [[gnu::no_sanitize_address, gnu::no_sanitize_thread, gnu::no_sanitize_undefined]]
#endif

struct Plan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  int descriptor;
  long most_descriptors;
  std::byte* second_stack;  // its upper end
  int error = 0;
};

constexpr int kFirstUnwanted = sspid::proto::kEmbeddedSocket + 1;

SSPI_BETWEEN_FORK_AND_EXEC bool take_socket(int descriptor) {
  if (descriptor == sspid::proto::kEmbeddedSocket) return syscall(SYS_fcntl, descriptor, F_SETFD, 0) == 0;
  return syscall(SYS_dup3, descriptor, sspid::proto::kEmbeddedSocket, 0) >= 0;
}

// Nothing comes in, nothing goes out: the reader of a pipe waits for us only where it reads messages of errors.
SSPI_BETWEEN_FORK_AND_EXEC bool take_standard_streams() {
  const bool has_error = syscall(SYS_fcntl, STDERR_FILENO, F_GETFD) >= 0;
  const long nothing = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR);
  if (nothing < 0) return false;
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (stream == nothing || (stream == STDERR_FILENO && has_error)) continue;
    if (syscall(SYS_dup3, nothing, stream, 0) < 0) return false;
  }
  return true;
}

SSPI_BETWEEN_FORK_AND_EXEC void close_the_rest(long most) {
  if (syscall(SYS_close_range, kFirstUnwanted, ~0U, 0) == 0) return;
  for (long descriptor = kFirstUnwanted; descriptor < most; ++descriptor) syscall(SYS_close, descriptor);
}

SSPI_BETWEEN_FORK_AND_EXEC int become_program(void* with) {
  Plan& plan = *static_cast<Plan*>(with);
  if (take_socket(plan.descriptor) && take_standard_streams()) {
    close_the_rest(plan.most_descriptors);
    syscall(SYS_setsid);
    syscall(SYS_execve, plan.program, plan.arguments, plan.environment);
  }
  plan.error = errno;
  return 1;
}

SSPI_BETWEEN_FORK_AND_EXEC int stand_between(void* with) {
  Plan& plan = *static_cast<Plan*>(with);
  if (clone(become_program, plan.second_stack, CLONE_VM | CLONE_VFORK | SIGCHLD, with) < 0) plan.error = errno;
  return 0;
}

// Two stacks, for as long as they are borrowed.
class Stacks {
 public:
  Stacks()
      : memory_(mmap(nullptr, 2 * kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {}
  ~Stacks() {
    if (*this) munmap(memory_, 2 * kSize);
  }
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;

  explicit operator bool() const { return memory_ != MAP_FAILED; }
  /// Their upper ends, where stacks begin.
  [[nodiscard]] std::byte* first() const { return static_cast<std::byte*>(memory_) + kSize; }
  [[nodiscard]] std::byte* second() const { return first() + kSize; }

 private:
  static constexpr std::size_t kSize = std::size_t{64} << 10;
  void* memory_;
};

// No handler of the program may run in a process that borrows its memory; nor may the thread be cancelled meanwhile.
// All signals: sigfillset leaves those out that the C library keeps for itself.
class Undisturbed {
 public:
  Undisturbed() {
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancellation_);
    sigset_t all;
    std::memset(&all, 0xff, sizeof all);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before_, _NSIG / 8);
  }
  ~Undisturbed() {
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before_, nullptr, _NSIG / 8);
    pthread_setcancelstate(cancellation_, nullptr);
  }
  Undisturbed(const Undisturbed&) = delete;
  Undisturbed& operator=(const Undisturbed&) = delete;

 private:
  sigset_t before_{};
  int cancellation_ = 0;
};

long most_descriptors() {
  rlimit files{};
  constexpr long kUsual = 1024;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_max > 1 << 20) return 1 << 20;
  return files.rlim_max > kUsual ? static_cast<long>(files.rlim_max) : kUsual;
}

}  // namespace

int start_detached(const std::string& program, std::string name, std::string argument, int descriptor) {
  const Stacks stacks;
  if (!stacks) return ENOMEM;
  const std::array<char*, 3> arguments{name.data(), argument.data(), nullptr};
  Plan plan{.program = program.c_str(),
            .arguments = arguments.data(),
            .environment = environ,
            .descriptor = descriptor,
            .most_descriptors = most_descriptors(),
            .second_stack = stacks.second()};
  const Undisturbed undisturbed;
  const int between = clone(stand_between, stacks.first(), CLONE_VM | CLONE_VFORK, &plan);
  if (between < 0) return errno;
  // Where it is not ours to await any more, a wait for really everything (__WALL) has taken it.
  while (waitpid(between, nullptr, static_cast<int>(__WCLONE)) < 0 && errno == EINTR) {
  }
  return plan.error;
}

}  // namespace sspi
