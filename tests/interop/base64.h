// Base64 as HTTP's Negotiate has it.
#pragma once

#include <string>
#include <string_view>

#include "support/bytes.h"

namespace sspid::test {

[[nodiscard]] std::string base64(const Bytes& bytes);
/// Throws when the text is no base64.
[[nodiscard]] Bytes from_base64(std::string_view text);

}  // namespace sspid::test
