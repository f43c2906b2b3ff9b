// The admin socket: root's, or a configured group's, alone. Answers one request of fixed size on each connection
// (admin_protocol.h) and passes on the workers' reports without reading them. One thread, the event loop's; nobody
// waits for an administrator who does not read.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/admin_protocol.h"
#include "daemon/asio.h"
#include "daemon/control.h"
#include "daemon/supervisor/listener.h"
#include "daemon/supervisor/status.h"
#include "daemon/supervisor/successions.h"

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

  /// Where administrators ask, and who may.
  struct Door {
    const std::string path;
    const Group group;
    const std::shared_ptr<Listener> listener;
  };

  Admin(const asio::any_io_executor& executor, Hooks hooks);
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  /// Listens; nobody is answered before use(). At the path of the door that is in use it is one of the successions.
  /// Throws where it cannot.
  [[nodiscard]] std::shared_ptr<Door> open(const std::string& path, Group group, Successions& successions) const;

  /// Answers there and nowhere else, until close(). Who asked at the last door and may not ask here is not answered.
  void use(std::shared_ptr<Door> door);
  void close() { use(nullptr); }

  /// None: nobody can ask.
  [[nodiscard]] const std::shared_ptr<Door>& door() const { return door_; }

 private:
  struct Answer;

  void admit(proto::Descriptor socket);
  [[nodiscard]] bool may_ask(int socket, const Peer& peer) const;
  asio::awaitable<void> serve(Peer peer, proto::Descriptor socket);
  asio::awaitable<void> talk(const Peer& peer, asio::posix::stream_descriptor& socket);
  [[nodiscard]] Answer answer(admin::Kind kind) const;
  void ask_workers(const Status& status, Answer& answer) const;

  asio::any_io_executor executor_;
  const Hooks hooks_;
  std::shared_ptr<Door> door_;  // shared with what accepts there, which learns of its end later
  std::size_t serving_ = 0;
};

/// Whether this peer may ask: root, whoever runs sspid, and members of the group.
[[nodiscard]] bool may_administer(int socket, const Peer& peer, Admin::Group group);

}  // namespace sspid::supervisor
