#include <array>

#include <strings.h>

#include "client-lib/c_boundary.h"
#include "client-lib/package_info.h"

namespace sspi {

namespace {

// ASCII alone: neither the locale nor a longer name that begins alike may match.
bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

template <class Form>
SECURITY_STATUS query(const typename Form::Char* name, typename Form::PkgInfo** info) {
  if (info == nullptr) return failed(SEC_E_INVALID_PARAMETER, "the place for the result is NULL");
  if (name == nullptr) return failed(SEC_E_SECPKG_NOT_FOUND, "no package is named");
  const auto wanted = to_utf8(name);
  if (!wanted) return failed(SEC_E_INVALID_PARAMETER, "the package's name is not well-formed text");
  Answer answer;
  const PackageList* known = nullptr;
  if (const SECURITY_STATUS status = ask_packages(answer, known); status != SEC_E_OK) return status;
  for (const proto::Package* package : *known) {
    if (package->name() == nullptr || !same_name(package->name()->string_view(), *wanted)) continue;
    auto block = package_block<Form>(std::array{package});
    if (!block) return nonsense(answer);
    *info = block->template hand_out<typename Form::PkgInfo>();
    return SEC_E_OK;
  }
  return failed(SEC_E_SECPKG_NOT_FOUND, "there is no package " + *wanted);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS QuerySecurityPackageInfoW(SEC_WCHAR* pszPackageName, PSecPkgInfoW* ppPackageInfo) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Wide>(pszPackageName, ppPackageInfo); });
}

SECURITY_STATUS QuerySecurityPackageInfoA(SEC_CHAR* pszPackageName, PSecPkgInfoA* ppPackageInfo) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Ansi>(pszPackageName, ppPackageInfo); });
}
