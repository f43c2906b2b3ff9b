// The socket that programs connect to: made safely, accepted from without reading a byte, taken away at the end.
// One thread, the event loop's.
#pragma once

#include <functional>
#include <string>

#include "daemon/asio.h"
#include "daemon/supervisor/configuration.h"
#include "proto/descriptor.h"

namespace sspid::supervisor {

/// The socket for everybody. Run by root it is open to all: SO_PEERCRED and policy decide who is served, not its mode.
[[nodiscard]] SocketPlace place_for_everybody(std::string path);

class Listener {
 public:
  using Accepted = std::function<void(proto::Descriptor socket)>;

  /// Binds and listens; connections queue in the kernel until accept(). Replaces a socket that nobody listens on any
  /// more. Throws std::runtime_error, in words for the administrator: somebody listens there, or it cannot be made.
  Listener(const asio::any_io_executor& executor, const SocketPlace& place);

  /// Accepts from a socket that listens there already, is non-blocking and belongs to the service manager: it stays in
  /// the file system, and what connects while no sspid runs queues in it.
  Listener(const asio::any_io_executor& executor, std::string path, proto::Descriptor inherited);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Gives every connection to `accepted`, until close().
  asio::awaitable<void> accept(Accepted accepted);

  [[nodiscard]] const std::string& path() const { return path_; }

  /// Ends accept() and removes the socket from the file system, unless it was inherited or another one is there
  /// by now.
  void close();

 private:
  bool accept_some(const Accepted& accepted);

  std::string path_;
  asio::posix::stream_descriptor socket_;
  dev_t device_ = 0;  ///< with inode_: the file that is ours to remove; 0: none is
  ino_t inode_ = 0;
};

}  // namespace sspid::supervisor
