// Who connected: asked of the kernel at accept, before anything is read.
#pragma once

#include <optional>

#include "daemon/control.h"

namespace sspid::supervisor {

/// The credentials that the other end had when it connected. Nothing where the kernel cannot tell.
[[nodiscard]] std::optional<Peer> peer_of(int socket);

}  // namespace sspid::supervisor
