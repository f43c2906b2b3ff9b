#include "client-lib/c_boundary.h"
#include "client-lib/context_buffers.h"

SECURITY_STATUS FreeContextBuffer(void* pvContextBuffer) {
  return sspi::c_boundary([&] {
    if (pvContextBuffer == nullptr || sspi::free_context_buffer(pvContextBuffer)) return SEC_E_OK;
    return sspi::failed(SEC_E_INVALID_HANDLE, "the memory did not come from libsspi");
  });
}
