// The command line of sspid.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sspid {

/// Which half of the daemon this process is. People start the supervisor; the supervisor starts the worker.
enum class Role { supervisor, worker };

struct Config {
  Role role = Role::supervisor;
  std::string socket = "/run/sspid/sspid.sock";
  std::string file;  ///< the configuration; empty: none
  std::string log_level = "info";
  unsigned half_open_seconds = 300;

  // For the worker, from the configuration.
  std::vector<std::string> packages;    ///< that are offered; none: whatever is installed
  std::vector<std::string> mechanisms;  ///< NAME=OID=comment
  std::optional<std::string> ntlm_default_user;
};

/// What main should end with: --help, --version or a mistake. The text is already written.
struct ExitCode {
  int value;
};

[[nodiscard]] std::variant<Config, ExitCode> parse_command_line(int argc, const char* const* argv);

/// The command line, without the program's name, by which a supervisor with this configuration starts its worker.
[[nodiscard]] std::vector<std::string> worker_arguments(const Config& config);

}  // namespace sspid
