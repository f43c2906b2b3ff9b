// The command line of sspid-worker: what the supervisor tells a worker before it starts, and what no reload changes.
// Written and read here only, for one version of sspid.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "daemon/log.h"

namespace sspid {

struct WorkerOptions {
  std::optional<uid_t> uid{};  ///< whom it becomes, started by root
  std::optional<gid_t> gid{};
  bool named_caches = false;         ///< as in worker/worker.h
  unsigned half_open_seconds = 300;  ///< an unfinished context that nobody touches is dropped after so long
  std::string log_level = "info";
  log::Format log_format = log::Format::text;
  log::Trail trail = log::Trail::written;

  bool operator==(const WorkerOptions&) const = default;
};

/// Without the program's name.
[[nodiscard]] std::vector<std::string> command_line_of(const WorkerOptions& options);

/// Nothing unless it is what command_line_of() makes of some options, in this version.
[[nodiscard]] std::optional<WorkerOptions> worker_options_of(std::span<const char* const> command_line);

}  // namespace sspid
