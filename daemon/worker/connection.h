// The life of one client's connection: read a frame, carry the call out, write the answer, until the client leaves or
// breaks the protocol. One coroutine; calls that may wait run on other threads meanwhile, so that the event loop never
// does.
#pragma once

#include "daemon/asio.h"
#include "daemon/control.h"
#include "daemon/worker/connections.h"
#include "daemon/worker/event_loops.h"
#include "daemon/worker/request_rate.h"
#include "daemon/worker/waiting_threads.h"
#include "daemon/worker/worker.h"

namespace sspid::worker {

/// What a connection uses of its process. All of it outlives all connections.
struct Surroundings {
  Worker& worker;
  Connections& connections;
  RequestRate& rate;
  EventLoop& loop;
  WaitingThreads& pool;
};

/// Talks to the client at the other end of `socket` until it is over. Run it on the loop. What
/// goes wrong ends this connection only.
asio::awaitable<void> serve(Surroundings surroundings, Peer peer, proto::Descriptor socket);

}  // namespace sspid::worker
