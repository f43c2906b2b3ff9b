#include "client-lib/c_boundary.h"
#include "client-lib/handles.h"

namespace {

SECURITY_STATUS set(PCtxtHandle context) {
  return sspi::c_boundary([&] {
    if (!sspi::is_live_context(context)) return sspi::unknown_handle();
    return sspi::failed(SEC_E_UNSUPPORTED_FUNCTION, "no package here has attributes that can be set: that is for TLS");
  });
}

}  // namespace

SECURITY_STATUS SetContextAttributesW(PCtxtHandle phContext, ULONG, void*, ULONG) { return set(phContext); }

SECURITY_STATUS SetContextAttributesA(PCtxtHandle phContext, ULONG, void*, ULONG) { return set(phContext); }
