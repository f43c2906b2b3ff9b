#include "daemon/supervisor/peer.h"

#include <sys/socket.h>

namespace sspid::supervisor {

std::optional<Peer> peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
  return Peer{credentials.uid, credentials.gid, credentials.pid};
}

}  // namespace sspid::supervisor
