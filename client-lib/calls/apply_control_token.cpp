#include "client-lib/c_boundary.h"
#include "client-lib/handles.h"

SECURITY_STATUS ApplyControlToken(PCtxtHandle phContext, PSecBufferDesc) {
  return sspi::c_boundary([&] {
    if (!sspi::is_live_context(phContext)) return sspi::unknown_handle();
    return sspi::failed(SEC_E_UNSUPPORTED_FUNCTION, "no package here takes control tokens: that is for TLS");
  });
}
