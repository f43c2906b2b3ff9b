// Kerberos' principals, as far as the library must tell one from another: it looks for the ticket cache of one in a
// collection, and has no Kerberos library to ask.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sspi {

struct Principal {
  std::vector<std::string> components;
  std::string realm;
  bool operator==(const Principal&) const = default;
};

/// "HTTP/www@EXAMPLE.TEST", with libkrb5's escapes: a backslash before a character takes away its meaning. Nothing
/// where that is none, or has neither a realm nor a default one.
[[nodiscard]] std::optional<Principal> parse_principal(std::string_view text, const std::string& default_realm);

/// Whose tickets a FILE cache holds, by the file's beginning: kCacheBeginning bytes, or all where there are fewer.
/// Nothing where that is no cache, or a principal such as nobody has.
[[nodiscard]] std::optional<Principal> owner_of_cache(std::span<const std::byte> beginning);

/// More than the longest header and principal that occur.
inline constexpr std::size_t kCacheBeginning = 4096;

}  // namespace sspi
