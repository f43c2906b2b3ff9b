#include "daemon/supervisor/successions.h"

#include <algorithm>
#include <exception>

#include <spdlog/spdlog.h>

namespace sspid::supervisor {

namespace {

// As long as before, unless the name is shorter than its ending: what fits into an address still does.
std::string with_ending(const std::string& path, const std::string& ending) {
  const std::size_t name = path.size() - (path.rfind('/') + 1);
  return path.substr(0, path.size() - std::min(ending.size(), name)) + ending;
}

bool is_taken(const std::string& path, const Listener* former) {
  return former != nullptr && former->path() == path && (former->is_inherited() || former->is_in_place());
}

}  // namespace

// Whatever can be undone is: each place that is not would be left without a socket.
Successions::~Successions() {
  while (carried_out_ > 0) {
    const auto& [successor, former] = pairs_[--carried_out_];
    try {
      successor->exchange(*former);
    } catch (const std::exception& error) {
      spdlog::error("a socket does not come back to its place: {}", error.what());
    }
  }
}

std::shared_ptr<Listener> Successions::listen(const asio::any_io_executor& executor, const SocketPlace& place,
                                              const std::shared_ptr<Listener>& former) {
  if (!is_taken(place.path, former.get())) return std::make_shared<Listener>(executor, place);
  if (former->is_inherited()) return std::make_shared<Listener>(executor, place.path, former->duplicate());
  SocketPlace waiting = place;
  waiting.path = beside(place.path);
  auto successor = std::make_shared<Listener>(executor, waiting);
  pairs_.emplace_back(successor, former);
  return successor;
}

// The ordinal tells it from those of other paths, whose names may differ in nothing else that is left of them.
std::string Successions::beside(const std::string& path) {
  while (true) {
    std::string candidate = with_ending(path, '~' + std::to_string(ordinal_++));
    if (!places_.contains(candidate)) return candidate;
  }
}

void Successions::carry_out() {
  for (; carried_out_ < pairs_.size(); ++carried_out_) {
    const auto& [successor, former] = pairs_[carried_out_];
    successor->exchange(*former);
  }
}

}  // namespace sspid::supervisor
