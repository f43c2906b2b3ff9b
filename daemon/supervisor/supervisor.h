// The supervisor: listens, asks the kernel who connects, decides who that may be, and gives the socket to a worker. It
// never reads a byte that a client sent, and links nothing that could understand one.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "daemon/worker_options.h"

namespace sspid::supervisor {

struct Settings {
  std::string socket;                         ///< path to listen on; empty: libsspi passes connections to its own sspid
  std::string configuration;                  ///< its file; empty: none
  std::string state;                          ///< folder of the replay caches, where there are several identities
  WorkerOptions worker;                       ///< what every worker is told
  std::chrono::seconds patience{30};          ///< with a worker that hangs
  std::optional<std::string> admin_socket{};  ///< path; none: as the configuration says; empty: nowhere
};

/// Runs until SIGINT or SIGTERM, or until the program has gone whose own this is; reads the configuration again on
/// SIGHUP. Returns the process's exit status; throws where it cannot start.
[[nodiscard]] int run_supervisor(const Settings& settings);

}  // namespace sspid::supervisor
