#include "client-lib/auth_identity.h"
#include "client-lib/c_boundary.h"

namespace sspi {

namespace {

// "service/host:port/name@REALM": behind the first slash, up to the next mark. A name without a slash is a host as it
// stands.
WideView host_in(WideView target) {
  const auto slash = target.find(SEC_WCHAR{'/'});
  if (slash == WideView::npos) return target;
  target.remove_prefix(slash + 1);
  constexpr SEC_WCHAR kMarks[] = {':', '/', '@', 0};
  return target.substr(0, target.find_first_of(kMarks));
}

SECURITY_STATUS host_name(PCWSTR target, PWSTR* host) {
  if (host == nullptr) return failed(SEC_E_INVALID_PARAMETER, "the place for the result is NULL");
  *host = nullptr;
  if (target == nullptr) return failed(SEC_E_INVALID_PARAMETER, "the target is NULL");
  const auto checked = checked_text(target);
  if (!checked) return failed(SEC_E_INVALID_PARAMETER, "the target is too long or not well-formed");
  const WideView found = host_in(*checked);
  if (found.empty()) return failed(SEC_E_INVALID_PARAMETER, "the target names no host");
  *host = wide_block(found).hand_out<SEC_WCHAR>();
  return SEC_E_OK;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SspiGetTargetHostName(PCWSTR pszTargetName, PWSTR* pszHostName) {
  return sspi::c_boundary([&] { return sspi::host_name(pszTargetName, pszHostName); });
}
