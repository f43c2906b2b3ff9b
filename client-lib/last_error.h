// What SspiGetLastErrorText tells: the text of the calling thread's last failed call.
#pragma once

#include <string_view>

#include "sspi.h"

namespace sspi {

/// Remembers the text for this thread.
void remember_error(std::string_view text);

/// Remembers the text and gives the status back, so that every failure reads `return failed(…)`.
inline SECURITY_STATUS failed(SECURITY_STATUS status, std::string_view text) {
  remember_error(text);
  return status;
}

/// Ends with a NUL; valid until the thread's next failure.
[[nodiscard]] const char* last_error_text();

}  // namespace sspi
