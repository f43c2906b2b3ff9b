// The walls around a worker: what is left to code that a client's token, or a KDC's answer, has taken over.
//
// Landlock says which files there are, seccomp which system calls. Both are for good: nothing widens them again, and
// threads inherit them. Privileges (privileges.h) are gone by then.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/log.h"

namespace sspid::worker {

/// What differs between workers.
struct Sandbox {
  /// The one directory that may be written. Empty: none.
  std::string replay_cache{};
  /// Ticket caches in the kernel's keyrings.
  bool keyrings = false;
  /// How refused system calls are told.
  log::Format log_format = log::Format::text;
};

/// Loads what libraries load late: mechanisms, modules of Kerberos, name services, ciphers. From inside the sandbox
/// they could be loaded as well, but now is when a module may do what no worker needs: start with the rights of its
/// constructor, read a file of its own. Call it without privileges, before enter_sandbox().
void warm_up();

/// Shuts the calling process in. Call it while the process has one thread. Says in the log what this kernel cannot
/// do; throws std::system_error or std::runtime_error where the process must not go on.
void enter_sandbox(const Sandbox& sandbox);

/// How many system calls were refused since enter_sandbox(). Any thread.
[[nodiscard]] std::uint64_t refused_calls();

}  // namespace sspid::worker
