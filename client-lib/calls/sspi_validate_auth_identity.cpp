#include "client-lib/auth_identity.h"
#include "client-lib/c_boundary.h"

SECURITY_STATUS SspiValidateAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData) {
  return sspi::c_boundary([&] {
    if (AuthData == nullptr) return sspi::failed(SEC_E_INVALID_PARAMETER, "the identity is NULL");
    sspi::IdentityContent content;
    return sspi::read_content(AuthData, content);
  });
}
