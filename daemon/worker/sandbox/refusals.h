// System calls that the filter refuses: counted, told in the log, and failed.
//
// The filter's answer to a call that no worker should make is a signal (SECCOMP_RET_TRAP) rather than an error: its
// handler writes one line for each number of a system call, with its name and arguments, at once, so that the line is
// there even if the library that made the call gives up the process over it. The call then fails with EPERM. An error
// alone would leave nothing behind, the kernel's audit log takes nothing where no audit is set up, and asking another
// process (user notification) would make the supervisor read what a worker wrote.
#pragma once

#include <cstdint>

#include "daemon/log.h"

namespace sspid::worker::sandbox {

/// Makes this process ready to be refused something, and to tell it as the log tells all else. Before the filter, once.
/// Throws std::system_error.
void count_refusals(log::Format format);

/// How many calls were refused so far. Any thread.
[[nodiscard]] std::uint64_t refusals();

}  // namespace sspid::worker::sandbox
