// The program that workers run: found and opened once, when the supervisor starts. So a supervisor keeps starting
// workers of its own version, whatever a package manager has put in their place meanwhile.
#pragma once

#include <string>

#include "proto/descriptor.h"

namespace sspid::supervisor {

/// sspid-worker beside this executable, as in a build tree, else where it is installed with it. To be executed, not to
/// be read. Throws std::runtime_error where there is none, or where somebody could have written it who could not have
/// written this executable.
[[nodiscard]] proto::Descriptor open_worker_program();

/// The same in `folder`; none where it has none.
[[nodiscard]] proto::Descriptor open_worker_program_in(const std::string& folder);

}  // namespace sspid::supervisor
