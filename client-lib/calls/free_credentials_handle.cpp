#include "client-lib/c_boundary.h"
#include "client-lib/handles.h"

SECURITY_STATUS FreeCredentialsHandle(PCredHandle phCredential) {
  return sspi::c_boundary([&] {
    const auto credential = sspi::find_credential(phCredential);
    if (!credential || !sspi::retire(*credential)) return sspi::unknown_handle();
    const auto sent =
        sspi::delete_remote(*credential->session, sspi::proto::Opcode::FreeCredentialsHandle, credential->id);
    if (sent == sspi::Exchange::gone) return sspi::unknown_handle();
    sspi::mark_deleted(*phCredential);
    return SEC_E_OK;
  });
}
