// The service manager that started this process, systemd as a rule: what it passes on, and what it wants to be told.
//
// Both protocols are spoken here and not by libsystemd. They are documented and promised not to change (sd_notify(3),
// sd_listen_fds(3)) and fit on a screen, while the library would bring five others, among them three decompressors and
// a second crypto library, into a process that runs as root. Where no service manager is, all of this does nothing.
//
// One thread, the event loop's.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/asio.h"
#include "proto/descriptor.h"

namespace sspid::supervisor {

/// Listening sockets that the service manager made, and keeps, while sspid comes and goes.
class InheritedSockets {
 public:
  /// Takes what LISTEN_FDS says was passed to this process, and the variables away. The descriptors become
  /// close-on-exec and non-blocking. Throws std::runtime_error, in words for the administrator, when one of them is no
  /// Unix stream socket that listens at a path.
  InheritedSockets();

  /// The socket that listens at `path`, once.
  [[nodiscard]] std::optional<proto::Descriptor> take(std::string_view path);

  /// Throws std::runtime_error when a socket was not taken: its clients would wait for ever.
  void refuse_rest() const;

 private:
  struct Inherited {
    std::string name;  ///< FileDescriptorName= of its unit
    std::string path;
    proto::Descriptor socket;
  };
  std::vector<Inherited> sockets_;
};

class ServiceManager {
 public:
  /// Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment. Throws std::system_error where there
  /// is a manager to talk to, and no socket to do it with.
  ServiceManager();

  /// Clients are served from now on. `status` is for people: `systemctl status` shows it. Also ends what reloading()
  /// began.
  void ready(std::string_view status);
  void reloading();
  void stopping(std::string_view status);
  void status(std::string_view text);

  /// Keeps the watchdog quiet for as long as the event loop turns, by one ping in half the time that it allows.
  /// Returns at once where there is no watchdog.
  asio::awaitable<void> feed_watchdog();

 private:
  void tell(std::string_view assignments) const;

  std::string address_;  ///< as sun_path: a leading zero byte for an abstract one; empty: nobody to talk to
  proto::Descriptor socket_;
  std::chrono::microseconds watchdog_{0};  ///< 0: none
};

}  // namespace sspid::supervisor
