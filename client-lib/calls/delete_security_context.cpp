#include "client-lib/c_boundary.h"
#include "client-lib/handles.h"

SECURITY_STATUS DeleteSecurityContext(PCtxtHandle phContext) {
  return sspi::c_boundary([&] {
    if (phContext == nullptr) return sspi::unknown_handle();
    if (sspi::is_marked_deleted(*phContext)) return SEC_E_OK;  // E-132
    const sspi::ContextInUse context(phContext);
    if (!context || !sspi::retire(*context)) return sspi::unknown_handle();
    context->deleted = true;
    const auto sent = sspi::delete_remote(*context->session, sspi::proto::Opcode::DeleteSecurityContext, context->id);
    if (sent == sspi::Exchange::gone) return sspi::unknown_handle();
    sspi::mark_deleted(*phContext);
    return SEC_E_OK;
  });
}
