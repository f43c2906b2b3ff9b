// The worker process: started by the supervisor with a control socket (control.h), it drops its privileges, then talks
// to the clients whose sockets it is given.
#pragma once

#include "daemon/worker_options.h"

namespace sspid::worker {

/// Runs until the supervisor closes its end of the control socket. Returns the process's exit status; throws where it
/// cannot start.
[[nodiscard]] int run_worker(const WorkerOptions& options);

}  // namespace sspid::worker
