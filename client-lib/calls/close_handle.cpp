#include "client-lib/c_boundary.h"
#include "client-lib/token.h"
#include "sspi_ext.h"

BOOL CloseHandle(HANDLE hObject) {
  const SECURITY_STATUS status = sspi::c_boundary([&] {
    if (sspi::close_token(hObject)) return SEC_E_OK;
    return sspi::failed(SEC_E_INVALID_HANDLE, "the handle names no token of the caller's");
  });
  return status == SEC_E_OK ? 1 : 0;
}
