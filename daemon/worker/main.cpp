// sspid-worker: the process that reads what clients and networks send. The supervisor starts it, nobody else.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>

#include <signal.h>
#include <spdlog/spdlog.h>

#include "daemon/log.h"
#include "daemon/worker/process.h"
#include "daemon/worker_options.h"

int main(int argc, char** argv) {
  const std::span<const char* const> words{argv, static_cast<std::size_t>(argc)};
  const auto options = sspid::worker_options_of(words.empty() ? words : words.subspan(1));
  if (!options) {
    std::fputs("sspid-worker " SSPID_VERSION ": only an sspid of this version starts it\n", stderr);
    return EXIT_FAILURE;
  }
  sspid::log::init("worker", options->log_level, options->log_format, options->trail);
  ::signal(SIGPIPE, SIG_IGN);  // a log that nobody reads any more is no reason to end
  try {
    return sspid::worker::run_worker(*options);
  } catch (const std::exception& error) {
    spdlog::critical("{}", error.what());
    return EXIT_FAILURE;
  }
}
