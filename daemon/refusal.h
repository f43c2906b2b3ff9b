// How a connection is turned away, by the supervisor as by a worker (PROTOCOL.md, "Life of a connection").
#pragma once

#include "proto/frame.h"

namespace sspid {

/// Sends the header that tells the client why. The caller closes the socket. Never blocks: a client that has no room
/// for 16 bytes on a fresh connection learns nothing.
void refuse(int socket, proto::Refusal reason);

}  // namespace sspid
