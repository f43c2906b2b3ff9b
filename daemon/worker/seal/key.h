// A key in memory that is wiped, and what is derived from it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <openssl/crypto.h>

#include "daemon/worker/seal/profile.h"

namespace sspid::worker::seal {

/// Lies where its owner lies: neither copied nor moved, so that no second trace of it is left behind.
class Key {
 public:
  Key() = default;
  explicit Key(std::span<const std::byte> bytes) : length_(std::min(bytes.size(), kMaxKey)) {
    std::copy_n(bytes.begin(), length_, bytes_.begin());
  }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  [[nodiscard]] std::span<const std::byte> bytes() const { return std::span(bytes_).first(length_); }

  /// For functions that fill: exactly `length` bytes.
  [[nodiscard]] std::span<std::byte> out(std::size_t length) {
    length_ = std::min(length, kMaxKey);
    return std::span(bytes_).first(length_);
  }

 private:
  std::array<std::byte, kMaxKey> bytes_{};
  std::size_t length_ = 0;
};

/// RFC 4121 2: the number that keeps keys of different uses apart.
enum class Usage : std::uint32_t { acceptor_seal = 22, acceptor_sign = 23, initiator_seal = 24, initiator_sign = 25 };

/// RFC 3961 5.3: what the derived key does.
enum class Purpose : std::uint8_t { checksum = 0x99, encryption = 0xAA, integrity = 0x55 };

/// False where OpenSSL fails.
[[nodiscard]] bool derive(const Profile& profile, const Key& base, Usage usage, Purpose purpose, Key& derived);

}  // namespace sspid::worker::seal
