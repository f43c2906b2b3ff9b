// The 16 bytes that every RFC 4121 message token begins with (4.2.6). Plain data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sspid::worker::seal {

inline constexpr std::size_t kHeader = 16;

enum class TokenId : std::uint16_t { mic = 0x0404, deletion = 0x0405, wrap = 0x0504 };

struct Header {
  std::uint16_t id = 0;
  std::uint8_t flags = 0;
  std::uint8_t filler = 0xFF;
  std::uint16_t extra_count = 0;           ///< EC: filler behind the plaintext, or the checksum's length
  std::uint16_t right_rotation_count = 0;  ///< RRC
  std::uint64_t sequence = 0;

  static constexpr std::uint8_t kSentByAcceptor = 0x01;
  static constexpr std::uint8_t kSealed = 0x02;
  static constexpr std::uint8_t kAcceptorSubkey = 0x04;

  [[nodiscard]] bool is(TokenId which) const { return id == static_cast<std::uint16_t>(which); }
  [[nodiscard]] bool sealed() const { return (flags & kSealed) != 0; }

  [[nodiscard]] static Header read(std::span<const std::byte, kHeader> from);
  [[nodiscard]] std::array<std::byte, kHeader> bytes() const;

  /// As the checksum of a signed wrap token covers it: 4.2.4, EC and RRC zero.
  [[nodiscard]] Header without_counts() const {
    Header header = *this;
    header.extra_count = header.right_rotation_count = 0;
    return header;
  }
};

/// MIC tokens have filler in the place of EC and RRC (4.2.6.1).
inline constexpr std::uint16_t kMicFiller = 0xFFFF;

}  // namespace sspid::worker::seal
