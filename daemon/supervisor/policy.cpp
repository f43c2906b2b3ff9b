#include "daemon/supervisor/policy.h"

namespace sspid::supervisor {

std::optional<Identity> identity_of(const Peer& peer, uid_t own_uid) {
  if (peer.uid != own_uid) return std::nullopt;
  return Identity{peer.uid};
}

}  // namespace sspid::supervisor
