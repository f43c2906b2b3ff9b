#include "client-lib/c_boundary.h"
#include "client-lib/identity_protection.h"

SECURITY_STATUS SspiEncryptAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData) {
  return SspiEncryptAuthIdentityEx(SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS, AuthData);
}

SECURITY_STATUS SspiEncryptAuthIdentityEx(ULONG Options, PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData) {
  return sspi::c_boundary([&] { return sspi::encrypt_identity(Options, AuthData); });
}
