#include "daemon/worker/service_tickets.h"

#include <ctime>

namespace sspid::worker {

Outcome ServiceTickets::find(const std::string& principal, const std::shared_ptr<const Keys>& keys,
                             std::shared_ptr<TicketCache>& tickets) {
  const std::lock_guard lock(mutex_);
  const auto known = log_ons_.find(principal);
  if (known != log_ons_.end() && known->second.keys == keys &&
      known->second.tickets->end() > std::time(nullptr) + kRenewalMargin) {
    tickets = known->second.tickets;
    return {};
  }
  std::shared_ptr<TicketCache> earned;
  if (Outcome logged_on = TicketCache::from_keys(principal, *keys, earned); !logged_on.ok()) return logged_on;
  log_ons_[principal] = {keys, earned};
  tickets = std::move(earned);
  return {};
}

}  // namespace sspid::worker
