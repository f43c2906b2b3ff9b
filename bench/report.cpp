#include "report.h"

#include <cstdio>
#include <fstream>

#include <nlohmann/json.hpp>

namespace sspid::bench {

void Report::add(const std::string& name, const std::string& unit, const std::string& side, double value) {
  if (!rows_.count(name)) order_.push_back(name);
  rows_[name].unit = unit;
  rows_[name].values[side] = value;
}

void Report::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.aggregate_name != "median") continue;
    const std::string name = run.run_name.function_name;
    const std::size_t bar = name.find('|');
    // Latency for one thread, throughput of all for several: what the threads get done together.
    const bool rate = run.counters.count("per_second") != 0;
    const double value = rate ? static_cast<double>(run.counters.at("per_second")) : run.GetAdjustedRealTime();
    add(name.substr(0, bar), rate ? "1/s" : "us", name.substr(bar + 1), value);
  }
}

void Report::print() const {
  std::printf("%-42s %-5s %14s %14s %8s\n", "name", "unit", "libgssapi", "sspid", "ratio");
  std::printf("%-42s %-5s %14s %14s %8s\n", "fairness/*: 99th percentile", "", "unloaded", "loaded", "");
  for (const std::string& name : order_) {
    const Row& row = rows_.at(name);
    if (row.complete())
      std::printf("%-42s %-5s %14.2f %14.2f %8.2f\n", name.c_str(), row.unit.c_str(), row.yardstick(), row.measured(),
                  row.ratio());
  }
}

void Report::write_json(const std::string& file) const {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const std::string& name : order_) {
    const Row& row = rows_.at(name);
    if (row.complete())
      out.push_back({{"name", name}, {"unit", row.unit}, {"values", row.values}, {"ratio", row.ratio()}});
  }
  std::ofstream(file) << out.dump(1) << '\n';
}

}  // namespace sspid::bench
