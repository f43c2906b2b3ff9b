#include "client-lib/c_boundary.h"
#include "client-lib/impersonation.h"

SECURITY_STATUS RevertSecurityContext(PCtxtHandle phContext) {
  return sspi::c_boundary([&] {
    // Whatever became of the context: a thread that wants its own rights back gets them.
    if (sspi::impersonated()) return sspi::revert();
    return sspi::is_live_context(phContext) ? SEC_E_OK : sspi::unknown_handle();  // E-168
  });
}
