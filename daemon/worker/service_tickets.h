// Ticket-granting tickets of the services whose keys this worker has, for acting in their name.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "daemon/worker/keytab.h"
#include "daemon/worker/outcome.h"
#include "daemon/worker/ticket_cache.h"

namespace sspid::worker {

/// A ticket must be good for so many seconds more, or another is earned.
inline constexpr std::int64_t kRenewalMargin = 10 * 60;

/// One log-on serves all who need it, until its ticket is about to end or the keys were replaced. Any thread.
class ServiceTickets {
 public:
  /// Blocks as long as the KDC takes where there are none.
  Outcome find(const std::string& principal, const std::shared_ptr<const Keys>& keys,
               std::shared_ptr<TicketCache>& tickets);

 private:
  struct LogOn {
    std::shared_ptr<const Keys> keys;
    std::shared_ptr<TicketCache> tickets;
  };

  std::mutex mutex_;  // held over a log-on, so that several first calls ask the KDC once
  std::map<std::string, LogOn> log_ons_;
};

}  // namespace sspid::worker
