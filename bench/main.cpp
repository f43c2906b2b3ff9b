// sspi_bench [--json FILE] [--benchmark_filter=…] [--fairness-only]: sspid beside libgssapi in the program, and beside
// itself without load, in one run, on throwaway realms.
#include <cstring>
#include <string>
#include <vector>

#include "fairness.h"
#include "measurements.h"
#include "tests/support/enctype_world.h"

namespace {

/// Takes "--json FILE" out of the arguments; the rest is Google Benchmark's.
std::string take_json(std::vector<char*>& arguments) {
  for (std::size_t i = 1; i + 1 < arguments.size(); ++i) {
    if (std::strcmp(arguments[i], "--json") != 0) continue;
    std::string file = arguments[i + 1];
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i),
                    arguments.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    return file;
  }
  return {};
}

bool take_word(const char* word, std::vector<char*>& arguments) {
  const auto is_it = [&](const char* argument) { return std::strcmp(argument, word) == 0; };
  return std::erase_if(arguments, is_it) != 0;
}

struct Enctype {
  const char* name;      // in the rows
  const char* kerberos;  // in krb5.conf
};
constexpr Enctype kEnctypes[] = {{"aes256-sha1", "aes256-cts-hmac-sha1-96"},
                                 {"aes256-sha2", "aes256-cts-hmac-sha384-192"}};

}  // namespace

int main(int count, char** values) {
  using namespace sspid;
  if (count > 2 && std::strcmp(values[1], "--fairness") == 0)
    return bench::run_fairness_process({values + 2, values + count});
  std::vector<char*> arguments(values, values + count);
  const std::string json = take_json(arguments);
  const bool fairness_only = take_word("--fairness-only", arguments);
  count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());

  bench::Report report;
  for (const Enctype& enctype : kEnctypes) {
    if (fairness_only) break;
    const bool first = &enctype == &kEnctypes[0];
    test::EnctypeWorld world(enctype.kerberos);
    benchmark::ClearRegisteredBenchmarks();
    if (first) bench::register_establishment();
    bench::register_messages(enctype.name);
    benchmark::RunSpecifiedBenchmarks(&report);
    if (first) bench::measure_memory(report, world.daemon.worker());
  }
  bench::measure_fairness(report);
  report.print();
  if (!json.empty()) report.write_json(json);
  return 0;
}
