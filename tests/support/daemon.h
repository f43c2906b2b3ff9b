// The daemon as its users have it: the built program with a socket in a directory of its own. One object serves all
// cases of a test executable. Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "process.h"
#include "scratch.h"

namespace sspid::test {

/// The directory of the built programs, and one of them.
[[nodiscard]] std::string built_program(const std::string& name);

class DaemonProcess {
 public:
  /// Starts sspid with exactly this environment, usually Realm::environment(), waits until it answers, and points this
  /// process's libsspi at it (SSPI_SOCKET). Throws with its log when it does not come up.
  /// `prefix` is a command that becomes sspid in the end: {"prlimit", "--nofile=64:64"}.
  explicit DaemonProcess(Environment environment, std::vector<std::string> arguments = {},
                         std::vector<std::string> prefix = {});
  /// Ends it. A daemon that ended badly, or in whose log a sanitizer complains, fails the test that runs.
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  [[nodiscard]] std::string socket() const { return directory_.file("sock"); }
  [[nodiscard]] std::string admin_socket() const { return directory_.file("admin.sock"); }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }
  /// The processes that carry calls out. One without connections need not exist.
  [[nodiscard]] std::vector<pid_t> workers() const;
  /// The only worker. Throws when there is none or more than one.
  [[nodiscard]] pid_t worker() const;
  /// The one of this identity: "service web", "user 1234". Throws when there is none.
  [[nodiscard]] pid_t worker_of(const std::string& identity) const;
  /// Everything it has written since it was first started.
  [[nodiscard]] std::string log() const { return read_text(directory_.file("log")); }

  void start();
  void stop();  ///< SIGTERM, and waits
  void kill();  ///< SIGKILL, and waits
  void restart() {
    stop();
    start();
  }
  /// How many lines of its log tell that a worker made a system call which its sandbox refuses. Where none is expected,
  /// the first one fails the test.
  [[nodiscard]] std::size_t refusals() const;
  void expect_refusals() { refusals_are_expected_ = true; }

  /// Whether `sspictl ping` gets its answer.
  [[nodiscard]] bool answers() const;

 private:
  Directory directory_;
  Environment environment_;
  std::vector<std::string> arguments_;
  std::vector<std::string> prefix_;
  std::optional<Process> process_;
  bool refusals_are_expected_ = false;
};

/// Whether it is dead with all its sockets closed, be it reaped or not.
[[nodiscard]] bool has_ended(pid_t process);
/// SIGSTOP, which reaches the threads of a process one by one. Returns when all have stopped.
void freeze(pid_t process);

/// Memory of a process in bytes: what only it has, in RAM. 0 when it is gone.
[[nodiscard]] std::size_t private_memory(pid_t process);
/// 0 where the kernel lets nobody but root look.
[[nodiscard]] std::size_t open_descriptors(pid_t process);
/// What the kernel says of it in a line of /proc/PID/status: "NoNewPrivs". Throws when it is gone.
[[nodiscard]] std::string status_of(pid_t process, const std::string& key);
[[nodiscard]] std::vector<pid_t> children_of(pid_t process);

}  // namespace sspid::test
