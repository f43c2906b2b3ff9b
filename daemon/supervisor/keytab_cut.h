// The part of a keytab that is one identity's: the entries of its principals, and no byte of the others.
//
// Pure; one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sspid::supervisor {

struct KeytabCut {
  std::vector<std::span<const std::byte>> entries;  ///< of the file, to be written one after the other
  std::vector<std::string> withheld;                ///< principals, with their realm, that have entries beside these
};

/// `principals` as in a configuration: "HTTP/www" is meant in any realm, "HTTP/www@EXAMPLE.TEST" in one; none: all. The
/// entries refer to `file`. Nothing where the file is no keytab.
[[nodiscard]] std::optional<KeytabCut> cut_keytab(std::span<const std::byte> file,
                                                  const std::vector<std::string>& principals);

}  // namespace sspid::supervisor
