#include "daemon/supervisor/status.h"

#include <algorithm>
#include <ctime>

#include <nlohmann/json.hpp>
#include <unistd.h>

namespace sspid::supervisor {

namespace {

using Json = nlohmann::ordered_json;

const std::int64_t started = std::time(nullptr);

Json describe(const WorkerStatus& worker, const std::vector<pid_t>& asked) {
  return {{"identity", worker.identity}, {"pid", worker.pid},
          {"state", worker.state},       {"since", worker.since},
          {"restarts", worker.restarts}, {"waiting", worker.waiting},
          {"keytabs", worker.keytabs},   {"asked", std::find(asked.begin(), asked.end(), worker.pid) != asked.end()}};
}

}  // namespace

std::string to_json(const Status& status, const std::vector<pid_t>& asked, const std::optional<std::string>& error) {
  Json workers = Json::array();
  for (const WorkerStatus& worker : status.workers) workers.push_back(describe(worker, asked));
  Json refusals = Json::object();
  for (const auto& [rule, count] : status.refusals) refusals[rule] = count;
  Json json = {{"version", SSPID_VERSION},
               {"pid", ::getpid()},
               {"uid", ::getuid()},
               {"started", started},
               {"now", std::time(nullptr)},
               {"sockets", status.sockets},
               {"configuration", status.configuration},
               {"loaded", status.loaded},
               {"workers", workers},
               {"asked", asked},
               {"refusals", refusals}};
  if (error) json["error"] = *error;
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace sspid::supervisor
