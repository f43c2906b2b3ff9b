#include "daemon/worker/connections.h"

#include <sys/socket.h>

namespace sspid::worker {

Connections::Place::~Place() {
  if (connections_ == nullptr) return;
  const std::lock_guard lock{connections_->mutex_};
  connections_->entries_.erase(entry_);
}

std::optional<Connections::Place> Connections::enter(int socket) {
  const std::lock_guard lock{mutex_};
  if (entries_.size() >= limit_) return std::nullopt;
  return Place{*this, entries_.emplace(entries_.end(), socket)};
}

void Connections::cut_overdue(Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  for (const Entry& entry : entries_)
    if (entry.deadline.load() <= now) ::shutdown(entry.socket, SHUT_RDWR);
}

std::optional<std::uint64_t> Connections::count_malformed() {
  ++malformed_;
  return malformed_lines_.admit();
}

std::size_t Connections::size() const {
  const std::lock_guard lock{mutex_};
  return entries_.size();
}

}  // namespace sspid::worker
