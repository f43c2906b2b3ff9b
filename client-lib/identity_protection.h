// Encrypted identities. The library has no cryptography of its own: the daemon seals the credential with a key that no
// client ever sees, and opens it again for those who may: the same session (SAME_PROCESS) or any process of the same
// user (SAME_LOGON). User and domain are covered by the seal, so a credential cannot be moved to another name.
#pragma once

#include <span>

#include "client-lib/auth_identity.h"

namespace sspi {

/// `options`: one of SEC_WINNT_AUTH_IDENTITY_ENCRYPT_*. The identity is changed in place.
[[nodiscard]] SECURITY_STATUS encrypt_identity(ULONG options, void* identity);
[[nodiscard]] SECURITY_STATUS decrypt_identity(ULONG options, void* identity);

/// Replaces the sealed credential of `content` by the credential itself, whoever may open it.
[[nodiscard]] SECURITY_STATUS open_content(IdentityContent& content);

/// parse_identity() that also takes identities which this process may decrypt.
[[nodiscard]] SECURITY_STATUS parse_protected_identity(const void* auth_data, Identity& identity);

}  // namespace sspi
