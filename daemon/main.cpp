// sspid, both halves of it: people start the supervisor, which starts the worker.
#include <cstdlib>
#include <exception>
#include <stdexcept>

#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include "daemon/config.h"
#include "daemon/log.h"
#include "daemon/supervisor/configuration.h"
#include "daemon/supervisor/supervisor.h"
#include "daemon/worker/process.h"

namespace {

// Each connection is a descriptor.
void raise_descriptor_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

// What the worker's command line says of packages.
sspid::worker::Offer offer_of(const sspid::Config& config) {
  sspid::worker::Offer offer;
  if (!config.packages.empty()) offer.packages = config.packages;
  for (const std::string& text : config.mechanisms) {
    const auto name_end = text.find('=');
    const auto oid_end = name_end == text.npos ? text.npos : text.find('=', name_end + 1);
    if (oid_end == text.npos) throw std::runtime_error{"--mechanism is NAME=OID=comment"};
    offer.mechanisms.push_back(
        {text.substr(0, name_end), text.substr(name_end + 1, oid_end - name_end - 1), text.substr(oid_end + 1)});
  }
  return offer;
}

int run_supervisor(sspid::Config config) {
  const auto configuration = config.file.empty()
                                 ? sspid::supervisor::configuration_without_file(std::getenv("NTLM_USER_FILE"))
                                 : sspid::supervisor::read_configuration(config.file);
  config.packages = configuration.offer.value_or(std::vector<std::string>{});
  for (const auto& mechanism : configuration.mechanisms)
    config.mechanisms.push_back(mechanism.name + '=' + mechanism.oid + '=' + mechanism.comment);
  config.ntlm_default_user = configuration.default_user;
  return sspid::supervisor::run_supervisor({config.socket, sspid::worker_arguments(config), configuration.users_file});
}

int run(const sspid::Config& config) {
  if (config.role == sspid::Role::supervisor) return run_supervisor(config);
  return sspid::worker::run_worker({.offer = offer_of(config),
                                    .ntlm_default_user = config.ntlm_default_user,
                                    .half_open_seconds = config.half_open_seconds});
}

}  // namespace

int main(int argc, char** argv) {
  const auto command_line = sspid::parse_command_line(argc, argv);
  if (const auto* exit = std::get_if<sspid::ExitCode>(&command_line)) return exit->value;
  const auto& config = std::get<sspid::Config>(command_line);
  sspid::log::init(config.role == sspid::Role::worker ? "worker" : "supervisor", config.log_level);
  ::signal(SIGPIPE, SIG_IGN);  // a log that nobody reads any more is no reason to end
  raise_descriptor_limit();
  try {
    return run(config);
  } catch (const std::exception& error) {
    spdlog::critical("{}", error.what());
    return EXIT_FAILURE;
  }
}
