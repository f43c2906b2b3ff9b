// Strings of SSPI: A functions carry UTF-8 (E-117), W functions UTF-16LE (E-118), the protocol UTF-8. Every conversion
// is strict: what is not well-formed is refused, never replaced.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sspi.h"

namespace sspi {

using WideView = std::basic_string_view<SEC_WCHAR>;

[[nodiscard]] bool is_utf8(std::string_view text);

/// Bytes of UTF-8 that `text` may need at most.
[[nodiscard]] constexpr std::size_t most_utf8(WideView text) { return 3 * text.size(); }

/// Writes UTF-8 to `out`, which has most_utf8(text) bytes; gives the number used. Nothing when a surrogate stands
/// alone.
[[nodiscard]] std::optional<std::size_t> encode_utf8(WideView text, char* out);

[[nodiscard]] std::optional<std::string> to_utf8(WideView text);
[[nodiscard]] std::optional<std::string> to_utf8(std::string_view text);

/// Code units of UTF-16 that `text` needs, without a NUL. Nothing when it is not UTF-8.
[[nodiscard]] std::optional<std::size_t> utf16_length(std::string_view text);

/// Writes the UTF-16 of well-formed UTF-8.
void encode_utf16(std::string_view text, SEC_WCHAR* out);

}  // namespace sspi
