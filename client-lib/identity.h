// What pAuthData gives AcquireCredentialsHandle: SEC_WINNT_AUTH_IDENTITY in one of its forms. Everything is copied; the
// caller may wipe and free its own at once (E-017).
#pragma once

#include <optional>
#include <string>

#include "client-lib/last_error.h"
#include "client-lib/secret.h"

namespace sspi {

struct Identity {
  std::string user;
  std::string domain;
  std::string package_list;
  std::optional<Secret> password;  ///< UTF-8; nothing: the caller gave none at all
  std::optional<Secret> keytab;    ///< instead of a password: a keytab file's bytes, looked at by nobody here
};

/// Reads any of the forms; `auth_data` is not NULL. SEC_E_OK, or the status by which to refuse it.
[[nodiscard]] SECURITY_STATUS parse_identity(const void* auth_data, Identity& identity);

}  // namespace sspi
