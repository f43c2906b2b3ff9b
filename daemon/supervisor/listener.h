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

  /// Each is where the other was: for programs in one step, and the same call undoes it. Throws std::runtime_error
  /// where it cannot be done, and then nothing has changed.
  void exchange(Listener& other);

  /// The same socket and its queue, for another Listener. Throws std::runtime_error where there is no room for it.
  [[nodiscard]] proto::Descriptor duplicate();

  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Gives every connection to `accepted`, until close().
  asio::awaitable<void> accept(Accepted accepted);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool is_inherited() const { return inode_ == 0; }
  /// Whether the file at its path is the one that it made.
  [[nodiscard]] bool is_in_place() const;

  /// Ends accept() and removes the socket from the file system, unless it was inherited or another one is there
  /// by now.
  void close();

 private:
  void hold(proto::Descriptor socket);
  bool accept_some(const Accepted& accepted);
  void note_file();

  std::string path_;
  asio::posix::stream_descriptor socket_;
  dev_t device_ = 0;  ///< with inode_: the file that is ours to remove; 0: none is
  ino_t inode_ = 0;
};

}  // namespace sspid::supervisor
