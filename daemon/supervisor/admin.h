// The admin socket: root's, or a configured group's, alone. Answers one request of fixed size on each connection
// (admin_protocol.h) and passes on the workers' reports without reading them. One thread, the event loop's; nobody
// waits for an administrator who does not read.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "daemon/admin_protocol.h"
#include "daemon/asio.h"
#include "daemon/control.h"
#include "daemon/supervisor/listener.h"
#include "daemon/supervisor/status.h"

namespace sspid::supervisor {

class Admin {
 public:
  /// Whose members may ask, too, beside root and who runs sspid.
  using Group = std::optional<gid_t>;
  struct Hooks {
    std::function<Status()> status;
    /// Asks this worker for a report. False: it is not there, or takes no message now. The descriptor stays ours.
    std::function<bool(pid_t worker, int descriptor)> ask;
    /// Reads the configuration again; what is wrong with it, and then nothing has changed.
    std::function<std::optional<std::string>()> reload;
  };

  /// Listens. Throws where it cannot.
  Admin(const asio::any_io_executor& executor, std::string path, Group group, Hooks hooks);
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  /// Answers until close().
  void start();
  void close() { listener_.close(); }

 private:
  struct Answer;

  void admit(proto::Descriptor socket);
  asio::awaitable<void> serve(proto::Descriptor socket);
  asio::awaitable<void> talk(asio::posix::stream_descriptor& socket);
  [[nodiscard]] Answer answer(admin::Kind kind) const;
  void ask_workers(const Status& status, Answer& answer) const;

  asio::any_io_executor executor_;
  const Group group_;
  const Hooks hooks_;
  Listener listener_;
  std::size_t serving_ = 0;
};

/// Whether this peer may ask: root, whoever runs sspid, and members of the group.
[[nodiscard]] bool may_administer(int socket, const Peer& peer, Admin::Group group);

}  // namespace sspid::supervisor
