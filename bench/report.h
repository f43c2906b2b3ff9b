// Rows for people and machines: each measurement by name, with what it is compared with: libgssapi in the program, or
// sspid itself without load.
#pragma once

#include <map>
#include <string>

#include <benchmark/benchmark.h>

namespace sspid::bench {

/// Collects the medians of "<name>|libgssapi" and "<name>|sspid" and pairs them. One thread.
class Report : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override;

  void add(const std::string& name, const std::string& unit, const std::string& side, double value);

  void print() const;
  /// A JSON array of {"name", "unit", "values": {"libgssapi", "sspid"}, "ratio"}; ratio = sspid / libgssapi. Of rows
  /// that compare loads the values are "unloaded" and "loaded", the ratio loaded / unloaded.
  void write_json(const std::string& file) const;

 private:
  struct Row {
    std::string unit;
    std::map<std::string, double> values;
    [[nodiscard]] double measured() const { return values.count("sspid") ? values.at("sspid") : values.at("loaded"); }
    [[nodiscard]] double yardstick() const {
      return values.count("sspid") ? values.at("libgssapi") : values.at("unloaded");
    }
    [[nodiscard]] double ratio() const { return measured() / yardstick(); }
    [[nodiscard]] bool complete() const { return values.size() == 2; }
  };
  std::map<std::string, Row> rows_;
  std::vector<std::string> order_;
};

}  // namespace sspid::bench
