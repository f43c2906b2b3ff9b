// Who a peer may be: the one place where the supervisor decides it.
#pragma once

#include <optional>

#include <sys/types.h>

#include "daemon/control.h"

namespace sspid::supervisor {

/// On whose behalf a worker acts. All connections of one identity share a worker; no two identities ever do.
struct Identity {
  uid_t uid = 0;
  bool operator==(const Identity&) const = default;
};

/// The identity of this peer, or none: it is not served. Without a configuration only the user that runs sspid is.
[[nodiscard]] std::optional<Identity> identity_of(const Peer& peer, uid_t own_uid);

}  // namespace sspid::supervisor
