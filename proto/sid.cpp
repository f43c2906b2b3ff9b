#include "proto/sid.h"

#include <cinttypes>
#include <cstdio>

namespace sspid::proto {

namespace {

constexpr std::uint8_t kRevision = 1;

// The authority is the one number of a SID that comes with its highest byte first.
constexpr std::size_t kAuthorityAt = 2, kAuthoritySize = 6;

}  // namespace

std::optional<Sid> Sid::below(std::uint32_t relative_id) const {
  if (count >= kMostSubauthorities) return std::nullopt;
  Sid sid = *this;
  sid.subauthorities[sid.count++] = relative_id;
  return sid;
}

std::string to_text(const Sid& sid) {
  // MS-DTYP 2.4.2.1: an authority of more than 32 bits is written in hexadecimal.
  char number[32];
  std::snprintf(number, sizeof number, sid.authority >> 32 == 0 ? "%" PRIu64 : "0x%012" PRIX64, sid.authority);
  std::string text = std::string("S-1-") + number;
  for (std::size_t i = 0; i < sid.count; ++i) text += '-' + std::to_string(sid.subauthorities[i]);
  return text;
}

void append(const Sid& sid, std::vector<std::byte>& bytes) {
  bytes.push_back(std::byte{kRevision});
  bytes.push_back(std::byte{sid.count});
  for (std::size_t i = kAuthoritySize; i-- > 0;) bytes.push_back(static_cast<std::byte>(sid.authority >> (8 * i)));
  for (std::size_t i = 0; i < sid.count; ++i)
    for (unsigned shift = 0; shift < 32; shift += 8)
      bytes.push_back(static_cast<std::byte>(sid.subauthorities[i] >> shift));
}

std::optional<Sid> take_sid(std::span<const std::byte>& bytes) {
  if (bytes.size() < Sid::kFixedPart || bytes[0] != std::byte{kRevision}) return std::nullopt;
  Sid sid;
  sid.count = static_cast<std::uint8_t>(bytes[1]);
  if (sid.count > Sid::kMostSubauthorities) return std::nullopt;
  const std::size_t size = Sid::kFixedPart + std::size_t{4} * sid.count;
  if (bytes.size() < size) return std::nullopt;
  for (std::size_t i = 0; i < kAuthoritySize; ++i)
    sid.authority = sid.authority << 8 | static_cast<std::uint8_t>(bytes[kAuthorityAt + i]);
  for (std::size_t i = 0; i < sid.count; ++i)
    for (std::size_t k = 4; k-- > 0;)
      sid.subauthorities[i] =
          sid.subauthorities[i] << 8 | static_cast<std::uint8_t>(bytes[Sid::kFixedPart + 4 * i + k]);
  bytes = bytes.subspan(size);
  return sid;
}

}  // namespace sspid::proto
