// What SECPKG_ATTR_KEY_INFO tells of a Kerberos encryption type (RFC 3961, 3962, 4757, 6803, 8009).
#pragma once

#include <cstdint>

namespace sspid::worker::gss {

struct Enctype {
  std::int32_t number;
  const char* name;
  const char* checksum_name;
  std::uint32_t key_bits;
  std::int32_t checksum;     ///< number of the checksum type
  std::uint32_t block_size;  ///< to which messages are padded; 1: not at all
};

/// Null where the type is unknown.
[[nodiscard]] const Enctype* find_enctype(std::int32_t number);

}  // namespace sspid::worker::gss
