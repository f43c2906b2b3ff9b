#include "daemon/supervisor/workers.h"

#include <exception>
#include <system_error>

#include <spdlog/spdlog.h>

#include "daemon/refusal.h"

namespace sspid::supervisor {

namespace {

// Each is a process of some MiB. Users beyond are told that there are too many.
constexpr std::size_t kMostWorkers = 1000;

}  // namespace

Workers::Workers(asio::any_io_executor executor, Plan plan, std::function<void()> ready, std::function<void()> ended)
    : executor_(std::move(executor)), plan_(std::move(plan)), ready_(std::move(ready)), ended_(std::move(ended)) {}

Workers::Entry& Workers::entry_of(const Identity& identity, Keeper::Presence presence) {
  const std::string key = identity.text();
  if (const auto known = entries_.find(key); known != entries_.end()) return known->second;
  auto keeper = std::make_unique<Keeper>(executor_, plan_(identity), presence, ready_);
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
  entries_.erase(key);
  if (stopping_ && entries_.empty()) ended_();
}

void Workers::hand_over(const Identity& identity, const Peer& peer, proto::Descriptor socket) {
  if (stopping_) return refuse(socket.get(), proto::Refusal::shutting_down);
  const std::string key = identity.text();
  const bool is_new = entries_.find(key) == entries_.end();
  if (is_new && entries_.size() >= kMostWorkers) return refuse(socket.get(), proto::Refusal::too_many);
  try {
    Entry& entry = entry_of(identity, Keeper::Presence::on_demand);
    entry.keeper->hand_over(peer, std::move(socket));
    if (is_new) start(key, entry);
  } catch (const std::system_error& error) {
    spdlog::error("{} cannot be served: {}", key, error.what());
  }
}

void Workers::change_plans() {
  for (auto& [key, entry] : entries_) try {
      entry.keeper->change_plan(plan_(entry.identity));
    } catch (const std::system_error& error) {
      spdlog::error("{} keeps what it had: {}", key, error.what());
    }
}

std::vector<WorkerStatus> Workers::status() const {
  std::vector<WorkerStatus> all;
  for (const auto& [key, entry] : entries_) all.push_back(entry.keeper->status());
  return all;
}

bool Workers::ask_for_report(pid_t worker, int pipe) {
  for (const auto& [key, entry] : entries_)
    if (entry.keeper->pid() == worker) return entry.keeper->report_to(pipe);
  return false;
}

void Workers::stop() {
  stopping_ = true;
  if (entries_.empty()) return ended_();
  for (auto& [key, entry] : entries_) entry.keeper->stop();
}

}  // namespace sspid::supervisor
