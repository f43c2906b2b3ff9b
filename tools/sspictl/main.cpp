// sspictl, the administrator's command.
#include <chrono>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "connection.h"
#include "ping.h"

namespace {

struct Options {
  std::string socket = "/run/sspid/sspid.sock";
  double timeout = 5;
  sspictl::Format format = sspictl::Format::text;
};

sspictl::Connection connect(const Options& options) {
  const auto patience = std::chrono::duration<double>{options.timeout};
  return {options.socket,
          std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(patience)};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"sspictl: talks to sspid"};
  app.add_option("--socket", options.socket, "Where sspid listens")->envname("SSPI_SOCKET")->capture_default_str();
  app.add_option("--timeout", options.timeout, "Wait so many seconds for sspid")
      ->check(CLI::Range(0.0, 86'400.0))
      ->capture_default_str();
  app.add_flag_callback(
      "--json", [&] { options.format = sspictl::Format::json; }, "Print JSON");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_subcommand("ping", "Exit with 0 as soon as sspid answers, and say what it holds");
  CLI11_PARSE(app, argc, argv);

  try {
    auto connection = connect(options);
    std::puts(sspictl::ping(connection, options.format).c_str());
    return 0;
  } catch (const sspictl::Failure& failure) {
    std::fprintf(stderr, "sspictl: %s\n", failure.what());
    return 1;
  }
}
