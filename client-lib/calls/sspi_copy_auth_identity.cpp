#include "client-lib/auth_identity.h"
#include "client-lib/c_boundary.h"

SECURITY_STATUS SspiCopyAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData,
                                     PSEC_WINNT_AUTH_IDENTITY_OPAQUE* AuthDataCopy) {
  return sspi::c_boundary([&] {
    if (AuthData == nullptr || AuthDataCopy == nullptr)
      return sspi::failed(SEC_E_INVALID_PARAMETER, "the identity or the place for its copy is NULL");
    *AuthDataCopy = nullptr;
    sspi::IdentityContent content;
    if (const SECURITY_STATUS status = sspi::read_content(AuthData, content); status != SEC_E_OK) return status;
    return sspi::hand_out_identity(content, AuthDataCopy);
  });
}
