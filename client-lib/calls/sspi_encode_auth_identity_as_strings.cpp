#include "client-lib/c_boundary.h"
#include "client-lib/packed_string.h"

namespace sspi {

namespace {

// The one status of these functions that Windows takes from its kernel (E-175).
constexpr SECURITY_STATUS kStatusInvalidParameter = static_cast<SECURITY_STATUS>(0xC000000D);

SECURITY_STATUS encode(const void* identity, PCWSTR* user, PCWSTR* domain, PCWSTR* packed) {
  if (identity == nullptr || user == nullptr || domain == nullptr || packed == nullptr)
    return failed(SEC_E_INVALID_PARAMETER, "the identity or a place for a result is NULL");
  *user = *domain = *packed = nullptr;
  IdentityContent content;
  if (const SECURITY_STATUS status = read_content(identity, content); status != SEC_E_OK) return status;
  if (content.is_encrypted()) return failed(kStatusInvalidParameter, "the identity is encrypted: decrypt it first");

  const auto block = [](const std::optional<WideText>& text) { return text ? wide_block(*text) : ContextBuffer(); };
  ContextBuffer user_block = block(content.user);
  ContextBuffer domain_block = block(content.domain);
  ContextBuffer packed_block = content.packed.size() == 0 ? ContextBuffer() : string_of_packed(content.packed.bytes());
  *user = user_block.hand_out<SEC_WCHAR>();
  *domain = domain_block.hand_out<SEC_WCHAR>();
  *packed = packed_block.hand_out<SEC_WCHAR>();
  return SEC_E_OK;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SspiEncodeAuthIdentityAsStrings(PSEC_WINNT_AUTH_IDENTITY_OPAQUE pAuthIdentity, PCWSTR* ppszUserName,
                                                PCWSTR* ppszDomainName, PCWSTR* ppszPackedCredentialsString) {
  return sspi::c_boundary(
      [&] { return sspi::encode(pAuthIdentity, ppszUserName, ppszDomainName, ppszPackedCredentialsString); });
}
