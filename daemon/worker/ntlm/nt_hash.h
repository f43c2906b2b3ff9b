// The NT hash of a password: MD4 over its UTF-16LE form ([MS-NLMP] 3.3.1, NTOWFv1). All that NTLM ever uses of a
// password, so that gss-ntlmssp need not see the password itself, which its file format could not hold either when
// there is a colon in it.
//
// Pure. The hash opens every door that the password opens: it is handled as a secret.
#pragma once

#include <optional>
#include <string_view>

#include "daemon/worker/secret.h"

namespace sspid::worker::ntlm {

/// 32 hexadecimal digits, in capitals. Nothing where the password is no UTF-8.
[[nodiscard]] std::optional<Secret> nt_hash(std::string_view password);

}  // namespace sspid::worker::ntlm
