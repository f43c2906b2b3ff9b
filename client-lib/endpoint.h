// Which daemon this program uses, and how long to wait for it. docs/connecting.md tells it to users.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace sspi {

/// Where the choice comes from beside the environment.
struct Places {
  std::string system_socket = "/run/sspid/sspid.sock";
  std::string system_file = "/etc/sspid/client.conf";
};

struct Choice {
  /// The sockets to try, in this order: the next one only where the one before is_absent(). A daemon that was named is
  /// the only one; it may be kEmbedded.
  std::vector<std::string> paths;
  /// How long a daemon that does not answer may take to come back; 0: a single try.
  std::chrono::milliseconds patience{};
  /// Why there is no choice: a client.conf that cannot be understood. It might name another daemon, with another
  /// policy, than the next in order.
  std::string mistake;
};

/// In this order: SSPI_SOCKET; the user's client.conf; the system's; the system's socket; the user's. A program with
/// more rights than its caller (AT_SECURE) listens to nothing that the caller can set: only to the system's file, which
/// then may name a socket alone, and to the system's socket.
[[nodiscard]] Choice choose_daemon(const Places& places = {});

/// Whether nobody can be expected to listen at `path` some time soon: there is not even the directory, which is there
/// as long as a daemon is installed, be it running or not.
[[nodiscard]] bool is_absent(const std::string& path);

}  // namespace sspi
