// Starting a program of which this process never hears again: it is nobody's child here, so its end brings no SIGCHLD
// and no wait() returns it.
#pragma once

#include <string>

namespace sspi {

/// Runs `program`, called `name` with the one argument `argument`, in a session of its own and in this process'
/// environment. Its descriptor 3 is `descriptor`, its standard error ours; it has no other descriptor of ours. All its
/// signals are blocked, and those that this process ignores are ignored: it has to see to that itself.
///
/// Safe beside other threads. Takes until the program is executed. Returns 0 or an errno; not every failure is seen
/// here, but all close `descriptor`.
[[nodiscard]] int start_detached(const std::string& program, std::string name, std::string argument, int descriptor);

}  // namespace sspi
