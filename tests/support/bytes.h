// Byte strings for tests: made from text, at random but the same in every run, or field by field.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sspid::test {

using Bytes = std::vector<std::uint8_t>;

[[nodiscard]] inline Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }
[[nodiscard]] inline std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

[[nodiscard]] Bytes random_bytes(std::size_t size, std::uint64_t seed = 1);

/// `bytes` with one bit changed.
[[nodiscard]] Bytes with_flipped_bit(Bytes bytes, std::size_t byte, unsigned bit = 0);

[[nodiscard]] Bytes joined(std::initializer_list<Bytes> parts);

/// UTF-16, as the functions that end in W take it.
[[nodiscard]] std::u16string wide(std::string_view utf8);
[[nodiscard]] std::string narrow(std::u16string_view utf16);

/// Writes what a format says, field by field: `ByteBuilder().le(std::uint32_t{5}).add(name).take()`.
class ByteBuilder {
 public:
  template <std::unsigned_integral T>
  ByteBuilder& le(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return *this;
  }
  template <std::unsigned_integral T>
  ByteBuilder& be(T value) {
    for (std::size_t i = sizeof(T); i-- > 0;) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return *this;
  }
  ByteBuilder& add(const Bytes& more) {
    bytes_.insert(bytes_.end(), more.begin(), more.end());
    return *this;
  }
  ByteBuilder& add(std::string_view text) { return add(bytes_of(text)); }
  ByteBuilder& zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

}  // namespace sspid::test
