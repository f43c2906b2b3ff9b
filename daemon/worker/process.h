// The worker process: started by the supervisor with a control socket (control.h), it drops its privileges, then talks
// to the clients whose sockets it is given.
#pragma once

#include <optional>

#include <sys/types.h>

#include "daemon/log.h"

namespace sspid::worker {

struct ProcessSettings {
  std::optional<uid_t> uid{};  ///< whom it becomes, run by root
  std::optional<gid_t> gid{};
  bool named_caches = false;         ///< as in worker.h
  unsigned half_open_seconds = 300;  ///< an unfinished context that nobody touches is dropped after so long
  log::Format log_format = log::Format::text;
};

/// Runs until the supervisor closes its end of the control socket. Returns the process's exit status; throws where it
/// cannot start.
[[nodiscard]] int run_worker(const ProcessSettings& settings);

}  // namespace sspid::worker
