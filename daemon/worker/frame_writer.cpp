#include "daemon/worker/frame_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include <limits.h>
#include <sys/socket.h>

namespace sspid::worker {

FrameWriter::Outcome FrameWriter::advance() {
  while (!rest_.empty()) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(rest_.data());  // sendmsg only reads it
    message.msg_iovlen = std::min(rest_.size(), std::size_t{IOV_MAX});
    const auto sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0)
      skip(static_cast<std::size_t>(sent));
    else if (errno == EAGAIN)
      return Outcome::wait;
    else if (errno != EINTR)
      return Outcome::gone;
  }
  return Outcome::sent;
}

void FrameWriter::skip(std::size_t bytes) {
  while (!rest_.empty() && bytes >= rest_.front().iov_len) {
    bytes -= rest_.front().iov_len;
    rest_ = rest_.subspan(1);
  }
  if (bytes == 0) return;
  std::vector<iovec> cut{rest_.begin(), rest_.end()};
  cut.front().iov_base = static_cast<std::byte*>(cut.front().iov_base) + bytes;
  cut.front().iov_len -= bytes;
  cut_ = std::move(cut);
  rest_ = cut_;
}

}  // namespace sspid::worker
