// sspid, the supervisor. What reads tokens and frames is another program, sspid-worker, which it starts.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include "daemon/config.h"
#include "daemon/log.h"
#include "daemon/supervisor/configuration.h"
#include "daemon/supervisor/embedded_listener.h"
#include "daemon/supervisor/supervisor.h"

namespace {

// Each connection is a descriptor. Workers inherit the limit.
void raise_descriptor_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

int run(const sspid::Config& config) {
  if (config.check_only) {
    static_cast<void>(sspid::supervisor::read_configuration(config.file));
    std::puts("The configuration is good.");
    return EXIT_SUCCESS;
  }
  if (config.socket.empty() && !config.embedded)
    throw std::runtime_error{"where to listen? Say --socket PATH, or set XDG_RUNTIME_DIR"};
  return sspid::supervisor::run_supervisor({config.embedded ? "" : config.socket, config.file, config.state,
                                            sspid::worker_options(config),
                                            std::chrono::seconds{config.patience_seconds}, config.admin_socket});
}

}  // namespace

int main(int argc, char** argv) {
  const auto command_line = sspid::parse_command_line(argc, argv);
  if (const auto* exit = std::get_if<sspid::ExitCode>(&command_line)) return exit->value;
  const auto& config = std::get<sspid::Config>(command_line);
  if (config.embedded) sspid::supervisor::forget_the_program_s_ways();
  sspid::log::init("supervisor", config.log_level, sspid::log_format(config), sspid::trail(config));
  ::signal(SIGPIPE, SIG_IGN);  // a log that nobody reads any more is no reason to end
  raise_descriptor_limit();
  try {
    return run(config);
  } catch (const std::exception& error) {
    // A check's complaint is its output, for people and scripts, not a line of a log.
    if (config.check_only) return std::fprintf(stderr, "%s\n", error.what()), EXIT_FAILURE;
    spdlog::critical("{}", error.what());
    return EXIT_FAILURE;
  }
}
