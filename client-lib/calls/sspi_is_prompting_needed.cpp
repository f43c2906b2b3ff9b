#include <array>

#include "sspi.h"

// The failures that other credentials could cure.
BOOLEAN SspiIsPromptingNeeded(ULONG ErrorOrNtStatus) {
  constexpr std::array<SECURITY_STATUS, 3> kCurable{SEC_E_NO_CREDENTIALS, SEC_E_LOGON_DENIED,
                                                    SEC_E_UNKNOWN_CREDENTIALS};
  for (const SECURITY_STATUS status : kCurable)
    if (ErrorOrNtStatus == static_cast<ULONG>(status)) return 1;
  return 0;
}
