// Rows for people and machines: each measurement by name, with libgssapi in the program beside sspid.
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
  /// A JSON array of {"name", "unit", "values": {"libgssapi", "sspid"}, "ratio"}; ratio = sspid / libgssapi.
  void write_json(const std::string& file) const;

 private:
  struct Row {
    std::string unit;
    std::map<std::string, double> values;
    [[nodiscard]] double ratio() const { return values.at("sspid") / values.at("libgssapi"); }
    [[nodiscard]] bool complete() const { return values.count("sspid") != 0 && values.count("libgssapi") != 0; }
  };
  std::map<std::string, Row> rows_;
  std::vector<std::string> order_;
};

}  // namespace sspid::bench
