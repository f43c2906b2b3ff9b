#include "client-lib/c_boundary.h"
#include "client-lib/packed_string.h"

namespace sspi {

namespace {

SECURITY_STATUS encode(PCWSTR user, PCWSTR domain, PCWSTR packed, PSEC_WINNT_AUTH_IDENTITY_OPAQUE* out) {
  if (out == nullptr) return failed(SEC_E_INVALID_PARAMETER, "the place for the result is NULL");
  *out = nullptr;
  IdentityContent content;
  const auto read = [](PCWSTR text, std::optional<WideText>& into) {
    if (text != nullptr) into = checked_text(text);
    return text == nullptr || into.has_value();
  };
  if (!read(user, content.user)) return failed(SEC_E_INVALID_PARAMETER, "the user is too long or not well-formed");
  if (!read(domain, content.domain))
    return failed(SEC_E_INVALID_PARAMETER, "the domain is too long or not well-formed");
  if (packed != nullptr) {
    auto credential = packed_of_string(packed);
    if (!credential) return failed(SEC_E_INVALID_PARAMETER, "the password is too long or not well-formed");
    content.packed = std::move(*credential);
  }
  return hand_out_identity(content, out);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SspiEncodeStringsAsAuthIdentity(PCWSTR pszUserName, PCWSTR pszDomainName,
                                                PCWSTR pszPackedCredentialsString,
                                                PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity) {
  return sspi::c_boundary(
      [&] { return sspi::encode(pszUserName, pszDomainName, pszPackedCredentialsString, ppAuthIdentity); });
}
