// The system calls that a worker may make. Everything else is refused (refusals.h); some that nobody makes but an
// intruder end the process.
#pragma once

namespace sspid::worker::sandbox {

struct Calls {
  bool keyrings = false;  ///< those of the kernel's keyrings, too
};

/// For the whole process, for good. count_refusals() comes first; no_new_privs must be set. Signals, limits and
/// priorities: of the calling process only, so a child could not use them. Throws std::system_error.
void restrict_system_calls(const Calls& calls);

}  // namespace sspid::worker::sandbox
