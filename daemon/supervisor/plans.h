// What the configuration means for the worker of each identity: its ids, its environment, its files, what it is
// allowed. One thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "daemon/supervisor/configuration.h"
#include "daemon/supervisor/keeper.h"
#include "daemon/supervisor/policy.h"
#include "daemon/supervisor/service_uids.h"

namespace sspid::supervisor {

class Plans {
 public:
  /// `arguments` begin every worker's command line; `state` is the folder of the replay caches; `patience` is had with
  /// a worker that hangs.
  Plans(std::vector<std::string> arguments, std::string state, std::chrono::seconds patience);

  /// What holds from now on. Throws std::runtime_error where this process cannot do what it says.
  void use(const Configuration& configuration);

  /// Throws std::system_error where the folder of its replay cache cannot be made. What the configuration does not know
  /// any more is allowed nothing.
  [[nodiscard]] WorkerPlan plan(const Identity& identity) const;

 private:
  struct Ids {
    uid_t uid;
    gid_t gid;
  };

  [[nodiscard]] WorkerPlan plan_for(const Identity& identity) const;
  [[nodiscard]] WorkerPlan of_own_uid() const;
  [[nodiscard]] WorkerPlan of_user(const Identity& identity) const;
  [[nodiscard]] WorkerPlan of_service(const Identity& identity) const;
  [[nodiscard]] WorkerPlan for_others(const std::string& folder, const Ids& ids, const Grant& grant) const;
  void run_as(const Ids& ids, WorkerPlan& plan) const;

  std::vector<std::string> arguments_;
  std::string state_;
  std::chrono::seconds patience_;
  std::optional<Ids> unprivileged_;  ///< whom root's own worker runs as; none: we are not root
  Configuration configuration_;
  ServiceUids uids_;
};

}  // namespace sspid::supervisor
