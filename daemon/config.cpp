#include "daemon/config.h"

#include <cstdlib>

#include <CLI/CLI.hpp>
#include <unistd.h>

namespace sspid {

namespace {

// The system's daemon is root's; one that a user runs listens where that user's programs look. Empty: nowhere.
std::string usual_socket() {
  if (::geteuid() == 0) return "/run/sspid/sspid.sock";
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  return runtime != nullptr && *runtime == '/' ? std::string{runtime} + "/sspid.sock" : "";
}

}  // namespace

std::variant<Config, ExitCode> parse_command_line(int argc, const char* const* argv) {
  Config config;
  config.socket = usual_socket();
  CLI::App app{"sspid: carries out SSPI calls for the programs on this host"};
  app.set_version_flag("--version", std::string{"sspid "} + SSPID_VERSION);
  app.add_option("--socket", config.socket,
                 "Where to listen for programs; root's default is the system's, a user's is in XDG_RUNTIME_DIR")
      ->capture_default_str();
  auto* file = app.add_option("--config", config.file, "The configuration, a JSON file");
  app.add_flag("--check-config", config.check_only, "Read the configuration, say what is wrong with it, and end")
      ->needs(file);
  app.add_option("--state", config.state, "The folder of the replay caches, where there are services or users")
      ->envname("STATE_DIRECTORY")
      ->capture_default_str();
  app.add_option("--admin-socket", config.admin_socket,
                 "Where to listen for sspictl; empty: nowhere [admin.sock beside --socket]");
  const auto* log_level =
      app.add_option("--log-level", config.log_level, "trace, debug, info, warn, error, critical or off")
          ->capture_default_str()
          ->check([](const std::string& level) { return log::is_level(level) ? "" : "no such level: " + level; });
  app.add_option("--log-format", config.log_format, "text for people, or json: one object a line")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--half-open-seconds", config.half_open_seconds, "Drop a context that nobody completes after so long")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--patience-seconds", config.patience_seconds, "Replace a worker that hangs for so long")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  // The empty group keeps it out of --help: only libsspi uses it.
  app.add_flag("--embedded", config.embedded)->group("");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ExitCode{app.exit(error)};
  }
  // Its messages are among the program's own: only those that somebody has to see.
  if (config.embedded && log_level->count() == 0) {
    config.log_level = "warn";
    config.no_trail = true;
  }
  return config;
}

WorkerOptions worker_options(const Config& config) {
  return {.half_open_seconds = config.half_open_seconds,
          .log_level = config.log_level,
          .log_format = log_format(config),
          .trail = trail(config)};
}

log::Format log_format(const Config& config) {
  return config.log_format == "json" ? log::Format::json : log::Format::text;
}

log::Trail trail(const Config& config) { return config.no_trail ? log::Trail::none : log::Trail::written; }

}  // namespace sspid
