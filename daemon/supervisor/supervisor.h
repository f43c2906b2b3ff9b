// The supervisor: listens, asks the kernel who connects, decides who that may be, and gives the socket to a worker. It
// never reads a byte that a client sent, and links nothing that could understand one.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sspid::supervisor {

struct Settings {
  std::string socket;                         ///< path to listen on
  std::vector<std::string> worker_arguments;  ///< a worker's command line
  std::optional<std::string> users_file{};    ///< of NTLM
};

/// Runs until SIGINT or SIGTERM. Returns the process's exit status; throws where it cannot start.
[[nodiscard]] int run_supervisor(const Settings& settings);

}  // namespace sspid::supervisor
