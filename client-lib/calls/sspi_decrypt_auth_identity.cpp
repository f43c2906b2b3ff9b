#include "client-lib/c_boundary.h"
#include "client-lib/identity_protection.h"

SECURITY_STATUS SspiDecryptAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData) {
  return SspiDecryptAuthIdentityEx(SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS, EncryptedAuthData);
}

SECURITY_STATUS SspiDecryptAuthIdentityEx(ULONG Options, PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData) {
  return sspi::c_boundary([&] { return sspi::decrypt_identity(Options, EncryptedAuthData); });
}
