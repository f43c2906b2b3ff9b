// The packed credentials of an opaque identity as a string that people and configuration files can carry: a password is
// itself, everything else "@@" and the base64 of SEC_WINNT_AUTH_PACKED_CREDENTIALS.
#pragma once

#include <optional>
#include <span>

#include "client-lib/auth_identity.h"

namespace sspi {

/// Nothing where the string is no password: too long, or a surrogate stands alone.
[[nodiscard]] std::optional<Secret> packed_of_string(WideView text);

/// `packed` is well-formed and not empty.
[[nodiscard]] ContextBuffer string_of_packed(std::span<const std::byte> packed);

}  // namespace sspi
