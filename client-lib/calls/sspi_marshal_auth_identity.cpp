#include <cstring>

#include "client-lib/auth_identity.h"
#include "client-lib/c_boundary.h"

namespace sspi {

namespace {

SECURITY_STATUS marshal(const void* identity, ULONG* length, char** bytes) {
  if (identity == nullptr || length == nullptr || bytes == nullptr)
    return failed(SEC_E_INVALID_PARAMETER, "the identity or a place for a result is NULL");
  *length = 0;
  *bytes = nullptr;
  IdentityContent content;
  if (const SECURITY_STATUS status = read_content(identity, content); status != SEC_E_OK) return status;
  content.flags |= SEC_WINNT_AUTH_IDENTITY_MARSHALLED;
  auto block = make_block(content, Room::exact);
  if (!block) return failed(SEC_E_INVALID_PARAMETER, "the identity is too long for its structure");
  *length = static_cast<ULONG>(context_buffer_size(block->get()));
  *bytes = block->hand_out<char>();
  return SEC_E_OK;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SspiMarshalAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, ULONG* AuthIdentityLength,
                                        char** AuthIdentityByteArray) {
  return sspi::c_boundary([&] { return sspi::marshal(AuthIdentity, AuthIdentityLength, AuthIdentityByteArray); });
}
