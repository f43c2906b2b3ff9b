// The socket that programs connect to: made safely, accepted from without reading a byte, taken away at the end.
// One thread, the event loop's.
#pragma once

#include <functional>
#include <string>

#include "daemon/asio.h"
#include "proto/descriptor.h"

namespace sspid::supervisor {

class Listener {
 public:
  using Accepted = std::function<void(proto::Descriptor socket)>;

  /// Binds and listens; connections queue in the kernel until accept(). Replaces a socket that nobody listens on any
  /// more. Throws std::runtime_error, in words for the administrator: somebody listens there, or it cannot be made.
  Listener(const asio::any_io_executor& executor, std::string path);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Gives every connection to `accepted`, until close().
  asio::awaitable<void> accept(Accepted accepted);

  /// Ends accept() and removes the socket from the file system, unless another one is there by now.
  void close();

 private:
  bool accept_all(const Accepted& accepted);

  std::string path_;
  asio::posix::stream_descriptor socket_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace sspid::supervisor
