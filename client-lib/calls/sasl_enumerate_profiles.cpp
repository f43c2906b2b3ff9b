#include <algorithm>

#include "client-lib/c_boundary.h"
#include "client-lib/sasl.h"

namespace sspi {

namespace {

template <class Form>
SECURITY_STATUS enumerate(typename Form::Char** list, ULONG* count) {
  if (list == nullptr || count == nullptr) return failed(SEC_E_INVALID_PARAMETER, "a place for the result is NULL");
  *list = nullptr;
  *count = 0;
  Answer answer;
  const PackageList* known = nullptr;
  if (const SECURITY_STATUS status = ask_packages(answer, known); status != SEC_E_OK) return status;
  std::string names;
  ULONG found = 0;
  for (const SaslProfile& profile : kSaslProfiles) {
    if (find_package(*known, profile.package) == nullptr) continue;
    names += profile.name;
    names += '\0';
    ++found;
  }
  auto block = string_block<Form>(names);  // ends with a second NUL
  if (!block) return nonsense(answer);
  *count = found;
  *list = block->template hand_out<typename Form::Char>();
  return SEC_E_OK;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SaslEnumerateProfilesW(LPWSTR* ProfileList, ULONG* ProfileCount) {
  return sspi::c_boundary([&] { return sspi::enumerate<sspi::Wide>(ProfileList, ProfileCount); });
}

SECURITY_STATUS SaslEnumerateProfilesA(LPSTR* ProfileList, ULONG* ProfileCount) {
  return sspi::c_boundary([&] { return sspi::enumerate<sspi::Ansi>(ProfileList, ProfileCount); });
}
