// The keytab file format, version 2, read from bytes that anybody may have written: a client packs them into its
// identity. Every length is checked against what is left, so that libkrb5 never parses such a file itself. The
// supervisor reads root's own files with it, to give each identity its keys and no others.
//
// Views only: the bytes must outlive what is decoded from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sspid {

struct KeytabFileEntry {
  std::string_view realm;
  std::vector<std::string_view> components;  ///< "host", "www.example.test"
  std::int32_t name_type = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t version = 0;  ///< of the key
  std::int32_t enctype = 0;
  std::span<const std::byte> key;
  std::span<const std::byte> record;  ///< the whole entry, as it stands behind its length
};

/// What a keytab file begins with.
inline constexpr std::uint16_t kKeytabVersion2 = 0x0502;

/// Nothing: these bytes are no keytab file, or one that is cut off or contradicts itself.
[[nodiscard]] std::optional<std::vector<KeytabFileEntry>> decode_keytab(std::span<const std::byte> file);

}  // namespace sspid
