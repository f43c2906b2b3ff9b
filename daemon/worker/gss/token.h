// What a context token is, by its first bytes.
#pragma once

#include <cstddef>
#include <span>

#include <gssapi/gssapi.h>

namespace sspid::worker::gss {

enum class TokenKind { empty, kerberos, negotiate, ntlm, unknown };

/// RFC 2743 3.1 framing with the mechanism's OID, or what comes without it: a bare AP-REQ (DCE style), "NTLMSSP".
[[nodiscard]] TokenKind kind_of_token(std::span<const std::byte> token);

/// Whether the token has RFC 2743 framing with this mechanism's OID.
[[nodiscard]] bool is_framed_for(std::span<const std::byte> token, gss_const_OID mechanism);

}  // namespace sspid::worker::gss
