// Encrypted identities. The library has no cryptography of its own: the daemon seals the credential with a key that no
// client ever sees, and opens it again for those who may: the same session (SAME_PROCESS) or any process of the same
// user (SAME_LOGON). User and domain are covered by the seal, so a credential cannot be moved to another name.
#pragma once

#include <memory>
#include <span>

#include "client-lib/auth_identity.h"
#include "client-lib/exchange.h"

namespace sspi {

/// `options`: one of SEC_WINNT_AUTH_IDENTITY_ENCRYPT_*. The identity is changed in place.
[[nodiscard]] SECURITY_STATUS encrypt_identity(ULONG options, void* identity);
[[nodiscard]] SECURITY_STATUS decrypt_identity(ULONG options, void* identity);

/// An encrypted identity that is being read: what to ask the daemon, for a call that asks among other things, and what
/// to make of the answer.
class SealedIdentity {
 public:
  explicit SealedIdentity(IdentityContent content);
  SealedIdentity(const SealedIdentity&) = delete;
  SealedIdentity& operator=(const SealedIdentity&) = delete;
  ~SealedIdentity();

  /// SEC_E_DECRYPT_FAILURE where nobody needs to be asked. The request lives as long as this.
  [[nodiscard]] SECURITY_STATUS question(Request& request);
  [[nodiscard]] SECURITY_STATUS open(Answer& answer, Identity& identity);

 private:
  class Sealing;
  IdentityContent content_;
  std::unique_ptr<Sealing> sealing_;
};

/// parse_identity() that also takes encrypted identities: those stand in `sealed` afterwards, and are not parsed yet.
[[nodiscard]] SECURITY_STATUS parse_or_seal(const void* auth_data, Identity& identity,
                                            std::unique_ptr<SealedIdentity>& sealed);

/// The same, asking the daemon at once.
[[nodiscard]] SECURITY_STATUS parse_protected_identity(const void* auth_data, Identity& identity);

}  // namespace sspi
