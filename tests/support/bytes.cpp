#include "bytes.h"

#include <codecvt>
#include <locale>
#include <random>

namespace sspid::test {

Bytes random_bytes(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

Bytes with_flipped_bit(Bytes bytes, std::size_t byte, unsigned bit) {
  bytes.at(byte) = static_cast<std::uint8_t>(bytes.at(byte) ^ (1U << bit));
  return bytes;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes whole;
  for (const Bytes& part : parts) whole.insert(whole.end(), part.begin(), part.end());
  return whole;
}

// The standard library's own conversion, not the one that is tested.
using Conversion = std::wstring_convert<std::codecvt_utf8_utf16<char16_t>, char16_t>;

std::u16string wide(std::string_view utf8) { return Conversion().from_bytes(utf8.data(), utf8.data() + utf8.size()); }

std::string narrow(std::u16string_view utf16) {
  return Conversion().to_bytes(utf16.data(), utf16.data() + utf16.size());
}

}  // namespace sspid::test
