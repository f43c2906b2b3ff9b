#include "client-lib/c_boundary.h"
#include "client-lib/package_info.h"

namespace sspi {

namespace {

template <class Form>
SECURITY_STATUS query(const typename Form::Char* name, typename Form::PkgInfo** info) {
  if (info == nullptr) return failed(SEC_E_INVALID_PARAMETER, "the place for the result is NULL");
  if (name == nullptr) return failed(SEC_E_SECPKG_NOT_FOUND, "no package is named");
  const auto wanted = to_utf8(name);
  if (!wanted) return failed(SEC_E_INVALID_PARAMETER, "the package's name is not well-formed text");
  return describe_package<Form>(*wanted, info);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS QuerySecurityPackageInfoW(SEC_WCHAR* pszPackageName, PSecPkgInfoW* ppPackageInfo) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Wide>(pszPackageName, ppPackageInfo); });
}

SECURITY_STATUS QuerySecurityPackageInfoA(SEC_CHAR* pszPackageName, PSecPkgInfoA* ppPackageInfo) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Ansi>(pszPackageName, ppPackageInfo); });
}
