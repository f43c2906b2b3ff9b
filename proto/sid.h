// A security identifier of Windows, in the form that MS-DTYP 2.4.2.2 gives it on the wire. SIDs travel in a frame's
// payload back to back; each tells its own length. Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sspid::proto {

struct Sid {
  static constexpr std::size_t kMostSubauthorities = 15;
  /// Revision, number of sub-authorities, authority.
  static constexpr std::size_t kFixedPart = 8;

  std::uint64_t authority = 0;  ///< 48 bits
  std::uint8_t count = 0;
  std::array<std::uint32_t, kMostSubauthorities> subauthorities{};

  bool operator==(const Sid&) const = default;

  /// The SID with one more sub-authority, as users and groups have it below their domain. Nothing where it is full.
  [[nodiscard]] std::optional<Sid> below(std::uint32_t relative_id) const;
};

/// "S-1-5-21-…"
[[nodiscard]] std::string to_text(const Sid& sid);

void append(const Sid& sid, std::vector<std::byte>& bytes);

/// The SID at the beginning of `bytes`, which then begin behind it. Nothing where there is none.
[[nodiscard]] std::optional<Sid> take_sid(std::span<const std::byte>& bytes);

}  // namespace sspid::proto
