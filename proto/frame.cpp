#include "proto/frame.h"

#include "proto/limits.h"

namespace sspid::proto {

namespace {

// Little-endian on the wire whatever the host; compilers turn these loops into one move.
template <class T>
void put(std::byte* at, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) at[i] = static_cast<std::byte>(value >> (8 * i));
}

template <class T>
T get(const std::byte* at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value | static_cast<T>(std::to_integer<T>(at[i]) << (8 * i)));
  return value;
}

}  // namespace

std::array<std::byte, kHeaderSize> encode_header(const FrameHeader& header) {
  std::array<std::byte, kHeaderSize> bytes;
  put(bytes.data(), header.table);
  put(bytes.data() + 4, header.payload);
  put(bytes.data() + 8, header.request);
  put(bytes.data() + 12, static_cast<std::uint16_t>(header.opcode));
  put(bytes.data() + 14, header.flags);
  return bytes;
}

FrameHeader decode_header(std::span<const std::byte, kHeaderSize> bytes) {
  return {.table = get<std::uint32_t>(bytes.data()),
          .payload = get<std::uint32_t>(bytes.data() + 4),
          .request = get<std::uint32_t>(bytes.data() + 8),
          .opcode = static_cast<Opcode>(get<std::uint16_t>(bytes.data() + 12)),
          .flags = get<std::uint16_t>(bytes.data() + 14)};
}

bool within_limits(const FrameHeader& header) { return header.table <= kMaxTable && header.payload <= kMaxPayload; }

bool is_one_way(Opcode opcode) {
  return opcode == Opcode::FreeCredentialsHandle || opcode == Opcode::DeleteSecurityContext;
}

bool has_fixed_reply_table(Opcode opcode) {
  return opcode == Opcode::MakeSignature || opcode == Opcode::VerifySignature || opcode == Opcode::EncryptMessage ||
         opcode == Opcode::DecryptMessage;
}

}  // namespace sspid::proto
