// Where the daemon listens, and how long to wait for it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace sspi {

/// The sockets to try, in this order; a later one only where the one before does not exist. A program with more rights
/// than its caller (AT_SECURE) listens to no environment: only the system's socket.
[[nodiscard]] std::vector<std::string> endpoints();

/// How long a daemon that does not answer may take to come back: SSPI_CONNECT_TIMEOUT seconds, 0 for a single try.
[[nodiscard]] std::chrono::milliseconds connect_timeout();

}  // namespace sspi
