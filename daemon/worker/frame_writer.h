// An answer's pieces to a client's socket. No waiting here and no event loop: connection.cpp awaits, tests need not.
#pragma once

#include <span>
#include <vector>

#include <sys/uio.h>

namespace sspid::worker {

/// Sends one answer. The pieces, and what they point at, outlive this object. One thread at a time.
class FrameWriter {
 public:
  FrameWriter(int socket, std::span<const iovec> parts) : socket_(socket), rest_(parts) {}

  enum class Outcome {
    sent,  ///< all of it
    wait,  ///< the socket takes no more now
    gone,  ///< nobody will read it
  };

  /// Sends as much as the socket takes, in one call where it takes all.
  [[nodiscard]] Outcome advance();

 private:
  void skip(std::size_t bytes);

  int socket_;
  std::span<const iovec> rest_;  ///< in the caller's array, or in `cut_` once a piece was sent in part
  std::vector<iovec> cut_;
};

}  // namespace sspid::worker
