// Standard input, output and error may be closed; a descriptor of ours in their place would get what the program
// prints.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include "proto/descriptor.h"

namespace sspi {

/// The same, with a number above theirs. Nothing, with errno set, where there is none.
[[nodiscard]] inline sspid::proto::Descriptor above_standard_streams(sspid::proto::Descriptor descriptor) {
  if (!descriptor || descriptor.get() > STDERR_FILENO) return descriptor;
  return sspid::proto::Descriptor(fcntl(descriptor.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

}  // namespace sspi
