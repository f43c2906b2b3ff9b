#include "client-lib/c_boundary.h"
#include "client-lib/sasl.h"

namespace sspi {

namespace {

template <class Form>
SECURITY_STATUS query(const typename Form::Char* name, typename Form::PkgInfo** info) {
  if (info == nullptr) return failed(SEC_E_INVALID_PARAMETER, "the place for the result is NULL");
  *info = nullptr;
  if (name == nullptr) return failed(SEC_E_SECPKG_NOT_FOUND, "no profile is named");
  const auto wanted = to_utf8(name);
  if (!wanted) return failed(SEC_E_INVALID_PARAMETER, "the profile's name is not well-formed text");
  const SaslProfile* profile = find_profile(*wanted);
  if (profile == nullptr) return failed(SEC_E_SECPKG_NOT_FOUND, "there is no such SASL mechanism");
  return describe_package<Form>(profile->package, info);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SaslGetProfilePackageW(LPWSTR ProfileName, PSecPkgInfoW* PackageInfo) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Wide>(ProfileName, PackageInfo); });
}

SECURITY_STATUS SaslGetProfilePackageA(LPSTR ProfileName, PSecPkgInfoA* PackageInfo) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Ansi>(ProfileName, PackageInfo); });
}
