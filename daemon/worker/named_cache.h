// The ticket cache that a client uses: a file that it has opened, or a name that leads this process to the tickets.
#pragma once

#include <memory>
#include <string>

#include "daemon/worker/outcome.h"
#include "proto/descriptor.h"

namespace sspid::worker {

class TicketCache;
struct Worker;

struct NamedCache {
  const std::string& name;        ///< with its type; empty: there is none
  const int open_error;           ///< an errno: why the client could not open it
  const proto::Descriptor& file;  ///< that the client has opened
};

/// Copies its tickets; of a collection those of `principal` where one is named and has some. SEC_E_NO_CREDENTIALS where
/// there are none, SEC_E_NOT_OWNER where the client, or this process, may not read them. A name may lead to another
/// process, for which this waits.
Outcome copy_tickets(Worker& worker, const NamedCache& cache, const std::string& principal,
                     std::shared_ptr<TicketCache>& tickets);

/// Why no process but the client itself can use the cache of this name, whoever runs it. Empty: another of the same
/// user's processes can.
[[nodiscard]] std::string why_unshared(const std::string& name);

}  // namespace sspid::worker
