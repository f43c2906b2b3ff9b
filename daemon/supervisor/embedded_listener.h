// Where the connections of one program come from whose own sspid this is: each is an end of a pair of sockets that
// libsspi passes on the pair which it shares with us (proto/embedded.h). One thread, the event loop's.
#pragma once

#include <functional>

#include "daemon/asio.h"
#include "proto/descriptor.h"

namespace sspid::supervisor {

/// The end of the pair that libsspi left to this process. Throws std::runtime_error where there is none: somebody else
/// started it.
[[nodiscard]] proto::Descriptor inherited_pair();

/// Undoes what the program brought about: signals are as in a fresh process, and what a service manager told the
/// program by its environment is not for us. Before there are threads.
void forget_the_program_s_ways();

class EmbeddedListener {
 public:
  using Accepted = std::function<void(proto::Descriptor socket)>;

  EmbeddedListener(const asio::any_io_executor& executor, proto::Descriptor pair);

  /// Gives every connection to `accepted`, without reading a byte. Returns when the last process that holds the other
  /// end of the pair has gone, or after close().
  asio::awaitable<void> accept(Accepted accepted);

  /// Connections that are still under way are cut.
  void close();

 private:
  asio::posix::stream_descriptor pair_;
};

}  // namespace sspid::supervisor
