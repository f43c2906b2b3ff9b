#include "client-lib/c_boundary.h"
#include "client-lib/context_identity.h"
#include "client-lib/impersonation.h"
#include "sspi_ext.h"

SECURITY_STATUS SspiImpersonateNetworkOnly(PCtxtHandle phContext) {
  return sspi::c_boundary([&] {
    const sspi::ContextInUse context(phContext);
    if (!context) return context.refusal();
    sspi::ContextIdentity client;
    if (const SECURITY_STATUS status = query_identity(*context, client); status != SEC_E_OK) return status;
    if (client.identify_only)
      return sspi::failed(SEC_E_NO_IMPERSONATION, "the client is to be identified only (ISC_REQ_IDENTIFY)");
    return sspi::impersonate(*context, nullptr);
  });
}
