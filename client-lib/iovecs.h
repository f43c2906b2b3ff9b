// Walking over scattered memory as it is sent or filled piece by piece.
#pragma once

#include <cstddef>
#include <span>

#include <sys/uio.h>

namespace sspi {

[[nodiscard]] inline std::size_t total(std::span<const iovec> parts) {
  std::size_t sum = 0;
  for (const iovec& part : parts) sum += part.iov_len;
  return sum;
}

/// Drops the first `count` bytes.
[[nodiscard]] inline std::span<iovec> drop_front(std::span<iovec> parts, std::size_t count) {
  while (!parts.empty() && count >= parts.front().iov_len) {
    count -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (count != 0 && !parts.empty()) {
    parts.front().iov_base = static_cast<std::byte*>(parts.front().iov_base) + count;
    parts.front().iov_len -= count;
  }
  return parts;
}

/// Keeps the first `count` bytes, so that a receive that waits for all of them waits for no more.
[[nodiscard]] inline std::span<iovec> keep_front(std::span<iovec> parts, std::size_t count) {
  std::size_t used = 0;
  for (; used < parts.size() && count != 0; ++used) {
    if (parts[used].iov_len > count) parts[used].iov_len = count;
    count -= parts[used].iov_len;
  }
  return parts.first(used);
}

}  // namespace sspi
