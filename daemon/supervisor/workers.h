// The workers of all identities: one keeper each, made when the identity is first needed, gone when nobody needs it any
// more. One thread, the event loop's; the object outlives the event loop's run.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/supervisor/keeper.h"
#include "daemon/supervisor/policy.h"

namespace sspid::supervisor {

class Workers {
 public:
  /// How the worker of an identity is to be, now. May throw std::system_error where it cannot be made.
  using Plan = std::function<WorkerPlan(const Identity&)>;

  /// `ready` is called each time that a worker has become ready, `ended` when stop() has come to its end.
  Workers(asio::any_io_executor executor, Plan plan, std::function<void()> ready, std::function<void()> ended);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// There shall be a worker of this identity from now on, needed or not.
  void keep(const Identity& identity);

  /// The worker of `identity` talks to this client from now on. Refuses when too many wait, or work.
  void hand_over(const Identity& identity, const Peer& peer, proto::Descriptor socket);

  /// The configuration has changed: what the plans say now holds for the workers that there are.
  void change_plans();

  /// Lets all workers end.
  void stop();

  struct Entry {
    Identity identity;
    std::unique_ptr<Keeper> keeper;
  };
  using Entries = std::map<std::string, Entry>;
  /// By the identity's text.
  [[nodiscard]] const Entries& entries() const { return entries_; }

  /// For administrators.
  [[nodiscard]] std::vector<WorkerStatus> status() const;
  /// Asks this worker to report to the writing end of a pipe. False: there is no such worker, or it could not now.
  [[nodiscard]] bool ask_for_report(pid_t worker, int pipe);

 private:
  Entry& entry_of(const Identity& identity, Keeper::Presence presence);
  void start(const std::string& key, Entry& entry);
  void forget(const std::string& key);

  asio::any_io_executor executor_;
  Plan plan_;
  std::function<void()> ready_;
  std::function<void()> ended_;
  Entries entries_;
  bool stopping_ = false;
};

}  // namespace sspid::supervisor
