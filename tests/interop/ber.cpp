#include "ber.h"

#include <stdexcept>

namespace sspid::test::ber {

namespace {

// Of the length that stands behind the tag: how many bytes it takes, and what it says.
struct Length {
  std::size_t bytes = 0;
  std::size_t value = 0;
};

Length read_length(const Bytes& bytes, std::size_t at) {
  if (at >= bytes.size()) return {};
  if (bytes[at] < 0x80) return {1, bytes[at]};
  const std::size_t count = bytes[at] & 0x7FU;
  if (count == 0 || count > 4) throw std::runtime_error("this is no length of LDAP's");
  if (bytes.size() - at - 1 < count) return {};
  Length length{1 + count, 0};
  for (std::size_t i = 1; i <= count; ++i) length.value = length.value << 8 | bytes[at + i];
  return length;
}

}  // namespace

Bytes element(unsigned tag, const Bytes& value) {
  ByteBuilder builder;
  builder.be(static_cast<std::uint8_t>(tag));
  if (value.size() < 0x80)
    builder.be(static_cast<std::uint8_t>(value.size()));
  else
    builder.be(std::uint8_t{0x84}).be(static_cast<std::uint32_t>(value.size()));
  return builder.add(value).take();
}

Bytes text(unsigned tag, std::string_view value) { return element(tag, bytes_of(value)); }

Bytes number(unsigned tag, std::uint8_t value) { return element(tag, {value}); }

Bytes Reader::take(unsigned tag) {
  if (at_end() || next_tag() != tag) throw std::runtime_error("another BER element than the one that is due");
  const Length length = read_length(bytes_, at_ + 1);
  const std::size_t begin = at_ + 1 + length.bytes;
  if (length.bytes == 0 || bytes_.size() - begin < length.value) throw std::runtime_error("a BER element is cut short");
  at_ = begin + length.value;
  return {bytes_.begin() + static_cast<std::ptrdiff_t>(begin), bytes_.begin() + static_cast<std::ptrdiff_t>(at_)};
}

unsigned Reader::take_number(unsigned tag) {
  unsigned value = 0;
  for (const std::uint8_t byte : take(tag)) value = value << 8 | byte;
  return value;
}

std::size_t Reader::whole_length(const Bytes& bytes) {
  const Length length = bytes.empty() ? Length{} : read_length(bytes, 1);
  return length.bytes == 0 ? 0 : 1 + length.bytes + length.value;
}

}  // namespace sspid::test::ber
