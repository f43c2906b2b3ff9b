// The administrator's side of the admin socket (daemon/admin_protocol.h): one question, one answer, each bounded by the
// same deadline. A worker that does not answer holds up nobody: what it owes is missing, and said to be.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "connection.h"
#include "daemon/admin_protocol.h"
#include "output.h"

namespace sspictl {

/// A worker as the supervisor sees it, and its report of itself where there is one.
struct WorkerView {
  Json worker;
  Json report;          ///< null: none
  std::string missing;  ///< why there is none; empty where there is one, or where none was asked for
};

struct AdminAnswer {
  Json supervisor;
  std::vector<WorkerView> workers;

  [[nodiscard]] bool complete() const;
  /// "no answer from worker 4711 of service web: …", one line each.
  [[nodiscard]] std::string complaints() const;
};

/// Throws Failure.
[[nodiscard]] AdminAnswer ask(const std::string& socket, sspid::admin::Kind kind, Deadline deadline);

}  // namespace sspictl
