#include "daemon/worker/seal/header.h"

namespace sspid::worker::seal {

namespace {

template <typename Number>
Number big_endian(std::span<const std::byte> from) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    value = static_cast<Number>((std::uint64_t{value} << 8) | std::to_integer<std::uint64_t>(from[i]));
  return value;
}

template <typename Number>
void put_big_endian(Number value, std::span<std::byte> into) {
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    into[i] = static_cast<std::byte>(std::uint64_t{value} >> (8 * (sizeof(Number) - 1 - i)));
}

}  // namespace

Header Header::read(std::span<const std::byte, kHeader> from) {
  Header header;
  header.id = big_endian<std::uint16_t>(from.subspan(0));
  header.flags = std::to_integer<std::uint8_t>(from[2]);
  header.filler = std::to_integer<std::uint8_t>(from[3]);
  header.extra_count = big_endian<std::uint16_t>(from.subspan(4));
  header.right_rotation_count = big_endian<std::uint16_t>(from.subspan(6));
  header.sequence = big_endian<std::uint64_t>(from.subspan(8));
  return header;
}

std::array<std::byte, kHeader> Header::bytes() const {
  std::array<std::byte, kHeader> into{};
  const std::span<std::byte> all(into);
  put_big_endian(id, all);
  into[2] = std::byte{flags};
  into[3] = std::byte{filler};
  put_big_endian(extra_count, all.subspan(4));
  put_big_endian(right_rotation_count, all.subspan(6));
  put_big_endian(sequence, all.subspan(8));
  return into;
}

}  // namespace sspid::worker::seal
