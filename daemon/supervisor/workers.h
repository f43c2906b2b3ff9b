// The workers of all identities: one keeper each, made when the identity is first needed, gone when nobody needs it any
// more. How many of its workers died is remembered. One thread, the event loop's; the object outlives the event loop's
// run.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/supervisor/keeper.h"
#include "daemon/supervisor/policy.h"

namespace sspid::supervisor {

class Workers {
 public:
  /// How the worker of an identity is to be, now. May throw std::system_error where it cannot be made.
  using Plan = std::function<WorkerPlan(const Identity&)>;

  struct Hooks {
    std::function<void()> ready;  ///< called each time that a worker has become ready
    std::function<void()> ended;  ///< called when stop() has come to its end
    Keeper::TurnedAway turned_away;
    /// Whether the configuration has, now, what this identity comes from; none: it has.
    std::function<bool(const Identity&)> is_known;
  };

  /// Each worker is a process of some MiB. One user can have many uids, so the bound is that of users alone: of
  /// services there are as many as the configuration has, and those find room whatever users do.
  static constexpr std::size_t kMostOfUsers = 1000;

  Workers(asio::any_io_executor executor, Plan plan, Hooks hooks, std::size_t most_of_users = kMostOfUsers);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// There shall be a worker of this identity from now on, needed or not.
  void keep(const Identity& identity);

  /// The worker of `identity` talks to this client from now on. Refuses when too many wait, or work, and then returns
  /// the bound, for the log.
  std::optional<std::string> hand_over(const Identity& identity, const Peer& peer, proto::Descriptor socket);

  /// The configuration has changed: what the plans say now holds for the workers that there are, and of those that are
  /// no more only the ones of known identities are remembered.
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
  /// An identity without a keeper whose workers died.
  struct Absent {
    Identity identity;
    Past past;
  };

  Entry& entry_of(const Identity& identity, Keeper::Presence presence);
  void start(const std::string& key, Entry& entry);
  void forget(const std::string& key);
  void remember(const Entry& entry);
  [[nodiscard]] bool is_known(const Identity& identity) const { return !hooks_.is_known || hooks_.is_known(identity); }
  [[nodiscard]] bool has_room_for(const Identity& identity) const;

  asio::any_io_executor executor_;
  Plan plan_;
  const Hooks hooks_;
  const std::size_t most_of_users_;
  Entries entries_;
  std::map<std::string, Absent> absent_;  ///< likewise
  bool stopping_ = false;
};

}  // namespace sspid::supervisor
