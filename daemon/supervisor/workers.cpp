#include "daemon/supervisor/workers.h"

#include <algorithm>
#include <exception>
#include <system_error>

#include <spdlog/spdlog.h>

#include "daemon/refusal.h"

namespace sspid::supervisor {

namespace {

// Identities without a worker, but with deaths to tell of.
constexpr std::size_t kMostRemembered = 1000;

}  // namespace

Workers::Workers(asio::any_io_executor executor, Plan plan, Hooks hooks, std::size_t most_of_users)
    : executor_(std::move(executor)), plan_(std::move(plan)), hooks_(std::move(hooks)), most_of_users_(most_of_users) {}

Workers::Entry& Workers::entry_of(const Identity& identity, Keeper::Presence presence) {
  const std::string key = identity.text();
  if (const auto known = entries_.find(key); known != entries_.end()) return known->second;
  const auto absent = absent_.find(key);
  const Past past = absent != absent_.end() ? absent->second.past : Past{};
  auto keeper = std::make_unique<Keeper>(executor_, plan_(identity), presence,
                                         Keeper::Hooks{hooks_.ready, hooks_.turned_away}, past);
  if (absent != absent_.end()) absent_.erase(absent);
  return entries_.emplace(key, Entry{identity, std::move(keeper)}).first->second;
}

void Workers::keep(const Identity& identity) { start(identity.text(), entry_of(identity, Keeper::Presence::always)); }

void Workers::start(const std::string& key, Entry& entry) {
  asio::co_spawn(executor_, entry.keeper->run(), [this, key](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
    forget(key);
  });
}

// A connection may have come while the last worker was ending.
void Workers::forget(const std::string& key) {
  Entry& entry = entries_.at(key);
  if (entry.keeper->is_awaited()) return start(key, entry);
  remember(entry);
  entries_.erase(key);
  if (stopping_ && entries_.empty()) hooks_.ended();
}

void Workers::remember(const Entry& entry) {
  if (entry.keeper->past().deaths == 0 || !is_known(entry.identity)) return;
  absent_.insert_or_assign(entry.identity.text(), Absent{entry.identity, entry.keeper->past()});
  if (absent_.size() <= kMostRemembered) return;
  // Services are those of the configuration, and stay as long as there is a user; of these, the one goes whose worker
  // ended first.
  const auto goes_before = [](const auto& a, const auto& b) {
    const bool is_service = a.second.identity.kind == Identity::Kind::service;
    if (is_service != (b.second.identity.kind == Identity::Kind::service)) return !is_service;
    return a.second.past.rested < b.second.past.rested;
  };
  absent_.erase(std::min_element(absent_.begin(), absent_.end(), goes_before));
}

bool Workers::has_room_for(const Identity& identity) const {
  const auto is_users = [](const auto& each) { return each.second.identity.kind == Identity::Kind::user; };
  if (identity.kind != Identity::Kind::user || entries_.size() < most_of_users_) return true;
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), is_users)) < most_of_users_;
}

std::optional<std::string> Workers::hand_over(const Identity& identity, const Peer& peer, proto::Descriptor socket) {
  if (stopping_) {
    refuse(socket.get(), proto::Refusal::shutting_down);
    return std::nullopt;
  }
  const std::string key = identity.text();
  const bool is_new = entries_.find(key) == entries_.end();
  if (is_new && !has_room_for(identity)) {
    refuse(socket.get(), proto::Refusal::too_many);
    return "at most " + std::to_string(most_of_users_) + " workers of users";
  }
  try {
    Entry& entry = entry_of(identity, Keeper::Presence::on_demand);
    auto refused = entry.keeper->hand_over(peer, std::move(socket));
    if (is_new) start(key, entry);
    return refused;
  } catch (const std::system_error& error) {
    spdlog::error("{} cannot be served: {}", key, error.what());
    return std::nullopt;
  }
}

void Workers::change_plans() {
  std::erase_if(absent_, [this](const auto& each) { return !is_known(each.second.identity); });
  for (auto& [key, entry] : entries_) try {
      entry.keeper->change_plan(plan_(entry.identity));
    } catch (const std::system_error& error) {
      spdlog::error("{} keeps what it had: {}", key, error.what());
    }
}

std::vector<WorkerStatus> Workers::status() const {
  std::vector<WorkerStatus> all;
  for (const auto& [key, entry] : entries_) all.push_back(entry.keeper->status());
  for (const auto& [key, absent] : absent_)
    all.push_back({.identity = key, .state = "not needed", .restarts = absent.past.deaths});
  return all;
}

bool Workers::ask_for_report(pid_t worker, int pipe) {
  for (const auto& [key, entry] : entries_)
    if (entry.keeper->pid() == worker) return entry.keeper->report_to(pipe);
  return false;
}

void Workers::stop() {
  stopping_ = true;
  if (entries_.empty()) return hooks_.ended();
  for (auto& [key, entry] : entries_) entry.keeper->stop();
}

}  // namespace sspid::supervisor
