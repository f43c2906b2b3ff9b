// The pair of SOCK_SEQPACKET sockets between a program and the sspid of its own that libsspi started. PROTOCOL.md says
// what travels on it.
#pragma once

namespace sspid::proto {

/// The number under which the daemon finds its end.
inline constexpr int kEmbeddedSocket = 3;

}  // namespace sspid::proto
