// Any 16 bytes are a header, and it goes back to the same bytes.
#include <cstring>

#include "proto/frame.h"
#include "proto/limits.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sspid::proto;
  if (size < kHeaderSize) return 0;
  std::array<std::byte, kHeaderSize> bytes;
  std::memcpy(bytes.data(), data, bytes.size());
  const FrameHeader header = decode_header(bytes);
  if (encode_header(header) != bytes) __builtin_trap();
  if (within_limits(header) && header.body() > kMaxTable + kMaxPayload) __builtin_trap();
  return 0;
}
