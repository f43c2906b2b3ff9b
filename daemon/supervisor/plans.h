// What the configuration means for the worker of each identity: its ids, its environment, its files, what it is
// allowed. One thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <sys/types.h>

#include "daemon/supervisor/configuration.h"
#include "daemon/supervisor/keeper.h"
#include "daemon/supervisor/policy.h"
#include "daemon/supervisor/service_uids.h"
#include "daemon/worker_options.h"
#include "proto/descriptor.h"

namespace sspid::supervisor {

class Plans {
 public:
  /// `program` is what every worker runs, `options` what every worker is told; `state` is the folder of the replay
  /// caches; `patience` is had with a worker that hangs.
  Plans(proto::Descriptor program, WorkerOptions options, std::string state, std::chrono::seconds patience);

  /// What holds from now on. Throws std::runtime_error where this process cannot do what it says, and then nothing has
  /// changed.
  void use(const Configuration& configuration);

  /// Throws std::system_error where the folder of its replay cache cannot be made. What the configuration does not know
  /// any more is allowed nothing.
  [[nodiscard]] WorkerPlan plan(const Identity& identity) const;

 private:
  struct Ids {
    uid_t uid;
    gid_t gid;
  };
  /// Whether clients may name ticket caches: to workers that run as the user whose caches those are. A service has none
  /// that a client could name.
  enum class Caches { none, named };

  [[nodiscard]] WorkerPlan plan_for(const Identity& identity) const;
  [[nodiscard]] WorkerPlan of_own_uid() const;
  [[nodiscard]] WorkerPlan of_user(const Identity& identity) const;
  [[nodiscard]] WorkerPlan of_service(const Identity& identity) const;
  [[nodiscard]] WorkerPlan for_others(const std::string& folder, const Ids& ids, Caches caches,
                                      const Grant& grant) const;
  [[nodiscard]] WorkerPlan running_as(const std::optional<Ids>& ids, Caches caches) const;

  proto::Descriptor program_;
  WorkerOptions options_;
  std::string state_;
  std::chrono::seconds patience_;
  std::optional<Ids> unprivileged_;  ///< whom root's own worker runs as; none: we are not root
  Configuration configuration_;
  ServiceUids uids_;
};

}  // namespace sspid::supervisor
