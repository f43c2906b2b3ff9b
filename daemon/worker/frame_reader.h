// Bytes of a client's socket to frames. No waiting here and no event loop: connection.cpp awaits, tests need not.
//
// One object per connection, one thread at a time. The frame lies in this object's memory until release().
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>

#include "daemon/worker/dispatch.h"
#include "proto/descriptor.h"

namespace sspid::worker {

/// Memory for received bytes, which may be secret: wiped when it goes.
class ReceiveBuffer {
 public:
  explicit ReceiveBuffer(std::size_t capacity);
  ReceiveBuffer(ReceiveBuffer&& other) noexcept;
  ReceiveBuffer& operator=(ReceiveBuffer&& other) noexcept;
  ReceiveBuffer(const ReceiveBuffer&) = delete;
  ReceiveBuffer& operator=(const ReceiveBuffer&) = delete;
  ~ReceiveBuffer();

  [[nodiscard]] std::byte* data() { return bytes_.get(); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  /// The first `bytes` of it were written to: they are what has to be wiped. The rest may not even be resident.
  void mark_written(std::size_t bytes) { written_ = std::max(written_, bytes); }

 private:
  void wipe();

  std::unique_ptr<std::byte[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t written_ = 0;
};

class FrameReader {
 public:
  /// The socket stays the caller's. It need not be non-blocking.
  explicit FrameReader(int socket);

  enum class Outcome {
    frame,      ///< complete: frame() is there
    wait,       ///< not complete, and the socket holds nothing more now
    end,        ///< the client closed between two frames, or the connection broke
    unread,     ///< the same, and the client had not read all that was sent to it
    malformed,  ///< too long, cut off in the middle, or descriptors that belong to no frame
  };

  /// Takes what the socket holds until the next frame is complete: in one receive where the frame has arrived and fits
  /// the buffer, in none where it came along with the one before. The last frame must have been released.
  [[nodiscard]] Outcome advance();

  /// The complete frame. Its header is checked against the limits, nothing else is.
  [[nodiscard]] Frame& frame() { return frame_; }

  /// Done with the complete frame: its memory is used again, or given back where it is much.
  void release();

  /// Whether bytes of the next frame are here. Ask when there is no complete one.
  [[nodiscard]] bool begun() const { return have_ > 0; }

  /// Bytes that this connection's buffer takes now.
  [[nodiscard]] std::size_t capacity() const { return buffer_.capacity(); }

 private:
  /// A descriptor and the bytes with which it came, as offsets in the buffer.
  struct Arrival {
    proto::Descriptor descriptor;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  [[nodiscard]] std::optional<Outcome> examine();
  [[nodiscard]] std::optional<Outcome> receive();
  [[nodiscard]] bool claim_descriptor(std::size_t frame_end);
  void resize(std::size_t capacity);

  int socket_;
  ReceiveBuffer buffer_;
  std::size_t have_ = 0;  ///< bytes in the buffer; a frame always starts at its beginning
  Frame frame_;
  std::optional<Arrival> arrival_;  ///< not claimed by a frame yet
};

}  // namespace sspid::worker
