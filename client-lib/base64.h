// RFC 4648, section 4: packed credentials as a string.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "client-lib/secret.h"
#include "client-lib/text.h"

namespace sspi {

[[nodiscard]] constexpr std::size_t base64_length(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

/// Writes base64_length(bytes.size()) characters.
void encode_base64(std::span<const std::byte> bytes, SEC_WCHAR* out);

/// Nothing unless the text is exactly what encode_base64() makes of some bytes.
[[nodiscard]] std::optional<Secret> decode_base64(WideView text);

}  // namespace sspi
