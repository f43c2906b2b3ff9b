#include "daemon/worker/connections.h"

#include <utility>

#include <sys/socket.h>

namespace sspid::worker {

Connections::Place::~Place() {
  if (connections_ == nullptr) return;
  const std::lock_guard lock{connections_->mutex_};
  connections_->entries_.erase(entry_);
  if (connections_->drained_ && connections_->entries_.empty()) connections_->drained_();
}

std::optional<Connections::Place> Connections::enter(int socket) {
  const std::lock_guard lock{mutex_};
  if (drained_ || entries_.size() >= limit_) return std::nullopt;
  return Place{*this, entries_.emplace(entries_.end(), socket)};
}

// What a socket already holds can still be read after its receiving half is shut, and only then comes the end.
void Connections::drain(std::function<void()> drained) {
  const std::lock_guard lock{mutex_};
  drained_ = std::move(drained);
  for (const Entry& entry : entries_) ::shutdown(entry.socket, SHUT_RD);
  if (entries_.empty()) drained_();
}

bool Connections::draining() const {
  const std::lock_guard lock{mutex_};
  return static_cast<bool>(drained_);
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

Connections::TurnedAway Connections::count_turned_away() {
  const bool by_quota = limited_by_quota_;
  ++turned_away_[by_quota];
  return {by_quota, turned_away_lines_.admit()};
}

std::size_t Connections::size() const {
  const std::lock_guard lock{mutex_};
  return entries_.size();
}

}  // namespace sspid::worker
