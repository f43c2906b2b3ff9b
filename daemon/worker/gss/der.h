// Reads DER of strangers, one element after the other, and never a byte more than there is. Only what context tokens
// use: tags of one octet, lengths of up to four.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace sspid::worker::gss {

using DerBytes = std::span<const std::byte>;

struct DerElement {
  std::uint8_t tag = 0;
  DerBytes content;
  DerBytes whole;  ///< with tag and length
};

/// The element at the beginning of `rest`, which then begins behind it. Nothing where it is cut off or no DER.
[[nodiscard]] inline std::optional<DerElement> next_element(DerBytes& rest) {
  constexpr std::uint8_t kLongTag = 0x1F, kLongLength = 0x80;
  if (rest.size() < 2) return std::nullopt;
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint8_t>(rest[i]); };
  if ((at(0) & kLongTag) == kLongTag) return std::nullopt;
  std::size_t header = 2, length = at(1);
  if (length >= kLongLength) {
    const std::size_t octets = length - kLongLength;
    if (octets == 0 || octets > 4 || rest.size() < header + octets) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = (length << 8) | at(header + i);
    header += octets;
  }
  if (length > rest.size() - header) return std::nullopt;
  const DerElement element{at(0), rest.subspan(header, length), rest.first(header + length)};
  rest = rest.subspan(header + length);
  return element;
}

/// The first element with this tag among those that follow each other in `bytes`.
[[nodiscard]] inline std::optional<DerElement> element_with(std::uint8_t tag, DerBytes bytes) {
  while (const auto element = next_element(bytes))
    if (element->tag == tag) return element;
  return std::nullopt;
}

}  // namespace sspid::worker::gss
