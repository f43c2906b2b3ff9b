// Whether somebody's load is somebody else's wait: the 99th percentile of a call's time beside the same without the
// load.
#pragma once

#include <string>
#include <vector>

#include "report.h"

namespace sspid::bench {

/// "fairness/<load>/<call>/<whose>": values "unloaded" and "loaded" in µs. The loads: 50 clients that wait for a KDC
/// which does not answer, and a client that sends as fast as it can. Needs root: "other" is another identity.
void measure_fairness(Report& report);

/// What the processes of a load, and those that are measured, run as: `arguments` follow --fairness. The exit status.
int run_fairness_process(const std::vector<std::string>& arguments);

}  // namespace sspid::bench
