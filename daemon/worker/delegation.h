// How a service goes on in somebody else's name: with tickets that a client forwarded, by showing the KDC the ticket
// with which the client came (S4U2Proxy), or for a user who never came (S4U2Self). Any thread; blocks on the KDC.
#pragma once

#include <memory>
#include <string>

#include "daemon/worker/calls/calls.h"
#include "daemon/worker/outcome.h"
#include "daemon/worker/ticket_cache.h"

namespace sspid::worker {

/// The tickets of the client at the other end of `context`, one of the session's acceptors. SEC_E_NO_CREDENTIALS where
/// the client gave none and its ticket may not be used on.
Outcome find_tickets_of_client(Caller& caller, const proto::Handle& context, std::shared_ptr<TicketCache>& tickets);

/// Tickets of the user that the service whose tickets are `service` gets on its own word. With those that may not be
/// used on, only the service itself can be reached.
Outcome get_tickets_for_user(const TicketCache& service, const std::string& user,
                             std::shared_ptr<TicketCache>& tickets);

}  // namespace sspid::worker
