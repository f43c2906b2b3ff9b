#include "client-lib/c_boundary.h"
#include "client-lib/handles.h"

// No package here leaves anything to complete: the call exists so that generic loops work (E-170).
SECURITY_STATUS CompleteAuthToken(PCtxtHandle phContext, PSecBufferDesc) {
  return sspi::c_boundary([&] { return sspi::is_live_context(phContext) ? SEC_E_OK : sspi::unknown_handle(); });
}
