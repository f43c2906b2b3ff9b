// What the supervisor knows of itself and tells administrators. No byte of it comes from a client, and from a worker
// only how many connections it turned away.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace sspid::supervisor {

struct WorkerStatus {
  std::string identity{};              ///< for people: "service web", "user 1000"
  pid_t pid = 0;                       ///< 0: none runs at the moment
  std::string state = "none";          ///< or "starting", "ready", "busy": takes no messages now; "not needed"
  std::int64_t since = 0;              ///< UTC seconds
  std::uint64_t restarts = 0;          ///< after deaths that nobody wanted
  std::size_t waiting = 0;             ///< connections that wait for it
  std::vector<std::string> keytabs{};  ///< files from which it gets keys
};

struct Status {
  std::vector<std::string> sockets;  ///< on which programs are served
  std::string configuration;         ///< path; empty: none
  std::int64_t loaded = 0;           ///< when it was read; UTC seconds
  std::vector<WorkerStatus> workers;
  std::map<std::string, std::uint64_t> refusals;  ///< connections, by the rule
};

/// As JSON, with what holds for every supervisor. `asked`: the pids of the workers whose reports follow; `error`: why
/// the configuration was not read again; empty where it was.
[[nodiscard]] std::string to_json(const Status& status, const std::vector<pid_t>& asked,
                                  const std::optional<std::string>& error);

}  // namespace sspid::supervisor
