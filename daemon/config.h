// The command line of sspid.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "daemon/worker_options.h"

namespace sspid {

struct Config {
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
};

/// What main should end with: --help, --version or a mistake. The text is already written.
struct ExitCode {
  int value;
};

[[nodiscard]] std::variant<Config, ExitCode> parse_command_line(int argc, const char* const* argv);

/// What every worker of a supervisor with this configuration is told. Whom each becomes is added.
[[nodiscard]] WorkerOptions worker_options(const Config& config);

/// Of the supervisor's log and the workers'.
[[nodiscard]] log::Format log_format(const Config& config);
[[nodiscard]] log::Trail trail(const Config& config);

}  // namespace sspid
