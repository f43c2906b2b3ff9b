#include <vector>

#include "client-lib/c_boundary.h"
#include "client-lib/package_info.h"

namespace sspi {

namespace {

template <class Form>
SECURITY_STATUS enumerate(ULONG* count, typename Form::PkgInfo** packages) {
  if (count == nullptr || packages == nullptr) return failed(SEC_E_INVALID_PARAMETER, "a place for the result is NULL");
  Answer answer;
  const PackageList* known = nullptr;
  if (const SECURITY_STATUS status = ask_packages(answer, known); status != SEC_E_OK) return status;
  const std::vector<const proto::Package*> all(known->begin(), known->end());
  auto block = package_block<Form>(all);
  if (!block) return nonsense(answer);
  *count = static_cast<ULONG>(all.size());
  *packages = block->template hand_out<typename Form::PkgInfo>();
  return SEC_E_OK;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS EnumerateSecurityPackagesW(ULONG* pcPackages, PSecPkgInfoW* ppPackageInfo) {
  return sspi::c_boundary([&] { return sspi::enumerate<sspi::Wide>(pcPackages, ppPackageInfo); });
}

SECURITY_STATUS EnumerateSecurityPackagesA(ULONG* pcPackages, PSecPkgInfoA* ppPackageInfo) {
  return sspi::c_boundary([&] { return sspi::enumerate<sspi::Ansi>(pcPackages, ppPackageInfo); });
}
