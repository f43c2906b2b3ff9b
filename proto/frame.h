// The 16 bytes in front of every frame, to and from the wire. No I/O here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "proto/sspid_generated.h"

namespace sspid::proto {

inline constexpr std::size_t kHeaderSize = 16;

/// Set in `FrameHeader::flags` of every frame that the daemon sends as an answer.
inline constexpr std::uint16_t kReplyFlag = 1;

/// Why the supervisor refused a connection; travels in the `request` field of an Opcode::Refused header.
enum class Refusal : std::uint32_t {
  not_served = 1,     ///< policy gives this peer no identity
  too_many = 2,       ///< a limit on connections is reached
  shutting_down = 3,  ///< the daemon is stopping
};

struct FrameHeader {
  std::uint32_t table = 0;    ///< bytes of the table that follows
  std::uint32_t payload = 0;  ///< bytes of payload behind the table
  std::uint32_t request = 0;  ///< chosen by the client; the answer carries the same number
  Opcode opcode = Opcode::None;
  std::uint16_t flags = 0;

  [[nodiscard]] std::size_t body() const { return std::size_t{table} + payload; }
  bool operator==(const FrameHeader&) const = default;
};

[[nodiscard]] std::array<std::byte, kHeaderSize> encode_header(const FrameHeader& header);
[[nodiscard]] FrameHeader decode_header(std::span<const std::byte, kHeaderSize> bytes);

/// Whether the lengths keep to limits.h. Nothing else of a header may be used before this said yes.
[[nodiscard]] bool within_limits(const FrameHeader& header);

/// Calls that get no answer.
[[nodiscard]] bool is_one_way(Opcode opcode);

/// Whether the table section is padded to kMessageReplyTable in the answer to this call.
[[nodiscard]] bool has_fixed_reply_table(Opcode opcode);

}  // namespace sspid::proto
