// A message that lies in several pieces, read and written as one run of bytes. Parts that are only signed are not in
// it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

#include "daemon/worker/gss/message.h"

namespace sspid::worker::seal {

[[nodiscard]] inline std::size_t encrypted_length(std::span<const gss::Part> parts) {
  std::size_t length = 0;
  for (const gss::Part& part : parts)
    if (!part.sign_only) length += part.bytes.size();
  return length;
}

/// A place in the message. Copies are places of their own. Whoever moves it knows the message's length; past its end
/// nothing is read or written. The parts must outlive it.
class PieceCursor {
 public:
  explicit PieceCursor(std::span<const gss::Part> parts) : parts_(parts) { settle(); }

  /// How many bytes lie together from here on.
  [[nodiscard]] std::size_t contiguous() const { return parts_.empty() ? 0 : parts_.front().bytes.size() - offset_; }

  /// The next bytes where they lie; no more than `contiguous`.
  [[nodiscard]] std::span<std::byte> take(std::size_t length) {
    const std::span<std::byte> run = parts_.front().bytes.subspan(offset_, length);
    offset_ += length;
    settle();
    return run;
  }

  void skip(std::size_t length) {
    while (length > 0 && contiguous() > 0) length -= take(std::min(length, contiguous())).size();
  }

  void read(std::span<std::byte> into) {
    while (!into.empty() && contiguous() > 0) {
      const std::span<std::byte> run = take(std::min(into.size(), contiguous()));
      std::memcpy(into.data(), run.data(), run.size());
      into = into.subspan(run.size());
    }
  }

  void write(std::span<const std::byte> from) {
    while (!from.empty() && contiguous() > 0) {
      const std::span<std::byte> run = take(std::min(from.size(), contiguous()));
      std::memcpy(run.data(), from.data(), run.size());
      from = from.subspan(run.size());
    }
  }

 private:
  /// Past what is used up, empty or only signed.
  void settle() {
    while (!parts_.empty() && (parts_.front().sign_only || offset_ == parts_.front().bytes.size())) {
      parts_ = parts_.subspan(1);
      offset_ = 0;
    }
  }

  std::span<const gss::Part> parts_;
  std::size_t offset_ = 0;
};

}  // namespace sspid::worker::seal
