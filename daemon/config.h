// The command line of sspid.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sspid {

/// Which half of the daemon this process is. People start the supervisor; the supervisor starts the worker.
enum class Role { supervisor, worker };

struct Config {
  Role role = Role::supervisor;
  bool embedded = false;  ///< a program's own: started by libsspi, which passes it connections
  std::string socket;
  std::string file;         ///< the configuration; empty: none
  bool check_only = false;  ///< whether to read the configuration and no more
  std::string state = "/var/lib/sspid";
  std::optional<std::string> admin_socket;  ///< path; none: beside `socket`; empty: nowhere
  std::string log_level = "info";
  std::string log_format = "text";  ///< or "json"
  bool no_trail = false;            ///< whether the log says nothing of who did what
  unsigned half_open_seconds = 300;
  unsigned patience_seconds = 30;

  // Of a worker: whom it becomes, where it is root.
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> gid;
  bool named_caches = false;  ///< as in worker/worker.h
};

/// What main should end with: --help, --version or a mistake. The text is already written.
struct ExitCode {
  int value;
};

[[nodiscard]] std::variant<Config, ExitCode> parse_command_line(int argc, const char* const* argv);

/// The command line, without the program's name, by which a supervisor with this configuration starts its workers. Whom
/// each becomes is appended.
[[nodiscard]] std::vector<std::string> worker_arguments(const Config& config);

}  // namespace sspid
