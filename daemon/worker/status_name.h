// Statuses as people know them.
#pragma once

#include <string>

#include <sspi.h>

namespace sspid::worker {

/// "SEC_E_NO_CREDENTIALS"; "0xC000006D" for one that sspi.h does not name.
[[nodiscard]] std::string name_of_status(SECURITY_STATUS status);

}  // namespace sspid::worker
