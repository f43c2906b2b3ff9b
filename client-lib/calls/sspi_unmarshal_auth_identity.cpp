#include "client-lib/auth_identity.h"
#include "client-lib/c_boundary.h"

namespace sspi {

namespace {

// Nothing behind `length` is read, whatever the bytes say of themselves (E-176).
SECURITY_STATUS unmarshal(ULONG length, const char* bytes, PSEC_WINNT_AUTH_IDENTITY_OPAQUE* out) {
  if (out == nullptr) return failed(SEC_E_INVALID_PARAMETER, "the place for the result is NULL");
  *out = nullptr;
  if (bytes == nullptr) return failed(SEC_E_INVALID_PARAMETER, "the bytes are NULL");
  const auto block = std::as_bytes(std::span(bytes, length));
  if (!ex2_pieces(block)) return failed(SEC_E_INVALID_PARAMETER, "the bytes are no identity, or not all of one");
  IdentityContent content;
  if (const SECURITY_STATUS status = read_content(bytes, content); status != SEC_E_OK) return status;
  return hand_out_identity(content, out);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SspiUnmarshalAuthIdentity(ULONG AuthIdentityLength, char* AuthIdentityByteArray,
                                          PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity) {
  return sspi::c_boundary([&] { return sspi::unmarshal(AuthIdentityLength, AuthIdentityByteArray, ppAuthIdentity); });
}
