// Programs that a test runs: servers beside it, and commands it waits for. An object owns its program: when the object
// goes, the program is ended; when the test process dies, the kernel ends it too. Use one object from one thread at a
// time.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "proto/descriptor.h"

namespace sspid::test {

using Environment = std::map<std::string, std::string>;

/// What every program started by a test inherits: PATH, locale, temporary directory and sanitizer options. Never KRB5*.
[[nodiscard]] Environment base_environment();

/// `base` with the entries of `more` added or replaced.
[[nodiscard]] Environment with(Environment base, const Environment& more);

/// How long a test waits for anything before it gives up. Generous: sanitizers on a loaded machine are slow.
inline constexpr std::chrono::seconds kPatience{60};

/// A program that runs beside the test.
class Process {
 public:
  struct Options {
    std::vector<std::string> command;  ///< looked up in PATH and the sbin directories
    Environment environment = base_environment();
    std::filesystem::path output = "/dev/null";  ///< where standard output and error go, appended
    int input = -1;                              ///< standard input; -1: /dev/null
  };

  /// Throws when the program cannot be started.
  explicit Process(const Options& options);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running() const;

  /// Waits until it has ended. Exit status as a shell gives it: 128 + n when signal n ended it. Nothing: still running.
  [[nodiscard]] std::optional<int> wait(std::chrono::milliseconds patience = kPatience);

  void signal(int number) const;

  /// Asks it to end and waits; kills it when it does not. Exit status as of wait().
  int terminate();
  int kill();

 private:
  void close();

  pid_t pid_ = -1;
  proto::Descriptor pidfd_;
  std::optional<int> status_;
};

struct Result {
  int status = 0;
  std::string output;  ///< standard output and error
};

/// Runs a command to its end.
[[nodiscard]] Result run(const std::vector<std::string>& command, const Environment& environment = base_environment(),
                         std::string_view input = {});

/// The same for a command that must succeed: throws with what it wrote when it does not. Returns what it wrote.
std::string run_or_throw(const std::vector<std::string>& command, const Environment& environment = base_environment(),
                         std::string_view input = {});

/// The absolute path of a program. Throws with the package to install when there is none.
[[nodiscard]] std::string find_program(const std::string& name);

/// Asks again and again until `condition` holds; throws when patience is over. `what` is for the message. When
/// `process` is given, its end ends the waiting too.
void await(std::string_view what, const std::function<bool()>& condition, const Process* process = nullptr);

[[nodiscard]] std::string read_text(const std::filesystem::path& file);

}  // namespace sspid::test
