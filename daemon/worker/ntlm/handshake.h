// The three messages of an NTLM exchange ([MS-NLMP] 2.2.1), looked at before gss-ntlmssp 1.2.0 sees them: every offset
// and length stays inside the message, and what it copies without looking has the size that it copies.
//
// Pure; the bytes come from the network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace sspid::worker::ntlm {

enum class MessageType : std::uint32_t { negotiate = 1, challenge = 2, authenticate = 3 };

// NTLMSSP_NEGOTIATE_* of the flags that matter here.
inline constexpr std::uint32_t kUnicode = 0x00000001;
inline constexpr std::uint32_t kSign = 0x00000010;
inline constexpr std::uint32_t kSeal = 0x00000020;
inline constexpr std::uint32_t kDatagram = 0x00000040;
inline constexpr std::uint32_t kExtendedSessionSecurity = 0x00080000;
inline constexpr std::uint32_t kIdentify = 0x00100000;
inline constexpr std::uint32_t kTargetInfo = 0x00800000;
inline constexpr std::uint32_t kKeyExchange = 0x40000000;

struct Message {
  MessageType type = MessageType::negotiate;
  std::uint32_t flags = 0;
};

/// Nothing where the message is malformed. `agreed` are the flags of the CHALLENGE that went before, by which an
/// AUTHENTICATE is read; 0 for the other two.
[[nodiscard]] std::optional<Message> read_message(std::span<const std::byte> token, std::uint32_t agreed);

/// Whether messages under these flags are protected as everybody does since 1998. Without extended session security a
/// signature's sequence number is encrypted and its checksum a CRC-32.
[[nodiscard]] constexpr bool protects_soundly(std::uint32_t flags) {
  return (flags & (kSign | kSeal)) == 0 || (flags & kExtendedSessionSecurity) != 0;
}

}  // namespace sspid::worker::ntlm
