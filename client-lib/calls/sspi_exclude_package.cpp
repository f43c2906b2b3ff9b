#include "client-lib/auth_identity.h"
#include "client-lib/c_boundary.h"
#include "proto/limits.h"

namespace sspi {

namespace {

SECURITY_STATUS exclude(const void* identity, PCWSTR package, PSEC_WINNT_AUTH_IDENTITY_OPAQUE* out) {
  if (out == nullptr) return failed(SEC_E_INVALID_PARAMETER, "the place for the result is NULL");
  *out = nullptr;
  if (package == nullptr) return failed(SEC_E_INVALID_PARAMETER, "no package is named");
  const auto name = checked_text(package);
  constexpr SEC_WCHAR kSpecial[] = {',', '!', 0};
  if (!name || name->empty() || name->find_first_of(kSpecial) != WideText::npos)
    return failed(SEC_E_INVALID_PARAMETER, "the package's name is empty, too long or not well-formed");

  // Without an identity the caller's own is meant, as for AcquireCredentialsHandle.
  IdentityContent content;
  if (identity != nullptr)
    if (const SECURITY_STATUS status = read_content(identity, content); status != SEC_E_OK) return status;
  WideText list = content.package_list.value_or(WideText());
  if (!list.empty()) list += SEC_WCHAR{','};
  list += SEC_WCHAR{'!'};
  list += *name;
  const auto utf8 = to_utf8(list);
  if (!utf8 || utf8->size() > sspid::proto::kMaxName)
    return failed(SEC_E_INVALID_PARAMETER, "the identity's list of packages gets too long");
  content.package_list = std::move(list);
  return hand_out_identity(content, out);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SspiExcludePackage(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszPackageName,
                                   PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppNewAuthIdentity) {
  return sspi::c_boundary([&] { return sspi::exclude(AuthIdentity, pszPackageName, ppNewAuthIdentity); });
}
