// As much of ASN.1's basic encoding as LDAP needs by hand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "support/bytes.h"

namespace sspid::test::ber {

enum Tag : std::uint8_t {
  kBoolean = 0x01,
  kInteger = 0x02,
  kOctetString = 0x04,
  kEnumerated = 0x0A,
  kSequence = 0x30,
};

/// Tag, length and value.
[[nodiscard]] Bytes element(unsigned tag, const Bytes& value);
[[nodiscard]] Bytes text(unsigned tag, std::string_view value);
[[nodiscard]] Bytes number(unsigned tag, std::uint8_t value);  ///< below 128

/// Reads elements one after the other. Throws where the bytes are no such element.
class Reader {
 public:
  explicit Reader(const Bytes& bytes) : bytes_(bytes) {}

  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
  [[nodiscard]] unsigned next_tag() const { return bytes_.at(at_); }
  [[nodiscard]] Bytes take(unsigned tag);
  [[nodiscard]] unsigned take_number(unsigned tag);

  /// How long the first element of `bytes` is with its tag and length; 0 when that cannot be told yet.
  [[nodiscard]] static std::size_t whole_length(const Bytes& bytes);

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

}  // namespace sspid::test::ber
