// sspictl, the administrator's command.
#include <cstdio>
#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "commands.h"

namespace {

using sspictl::Exit;
using sspictl::Options;
using sspictl::Result;

/// The command line: options, and what to do.
struct CommandLine {
  Options options;
  sspictl::DoctorOptions doctor;
  std::string file;
  std::function<Result()> command;
  CLI::App app{"sspictl: talks to sspid"};

  CommandLine() {
    app.add_option("--socket", options.socket, "Where sspid listens")->envname("SSPI_SOCKET")->capture_default_str();
    app.add_option("--admin-socket", options.admin_socket, "Where it listens for administrators [beside --socket]");
    app.add_option("--timeout", options.timeout, "Wait so many seconds for sspid")
        ->check(CLI::Range(0.0, 86'400.0))
        ->capture_default_str();
    app.add_flag_callback(
        "--json", [this] { options.format = sspictl::Format::json; }, "Print JSON");
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(
        "Ends with 0: well; 1: found something wrong; 2: not understood; 3: no daemon answers; 4: it does not serve "
        "you; 5: not all workers answered.");

    add("ping", "Exit with 0 as soon as sspid answers, and say what it holds", sspictl::ping);
    add("status", "The supervisor, its workers, and whom it refused", sspictl::status);
    add("packages", "What is offered to your programs", sspictl::packages);
    add("sessions", "The client processes", sspictl::sessions);
    add("contexts", "The security contexts", sspictl::contexts);
    add("metrics", "Everything that is counted, as Prometheus reads it", sspictl::metrics);
    add("reload", "Read the configuration again", sspictl::reload);
    CLI::App* check = app.add_subcommand("check", "Whether sspid would take a configuration");
    check->add_option("FILE", file, "The configuration")->required();
    check->callback([this] { command = [this] { return sspictl::check(options, file); }; });
    add_doctor();
  }

  void add(const char* name, const char* help, Result (*run)(const Options&)) {
    app.add_subcommand(name, help)->callback([this, run] { command = [this, run] { return run(options); }; });
  }

  void add_doctor() {
    CLI::App* sub = app.add_subcommand("doctor", "What is not well, and how to mend it");
    sub->add_option("--keytab", doctor.keytabs, "Keytabs to look at [those of the environment]");
    sub->add_option("--principal", doctor.principals, "Whom services accept as [whoever is in the keytabs]");
    sub->add_option("--replay-cache", doctor.replay_cache, "Directory of the replay cache [that of the environment]");
    sub->callback([this] { command = [this] { return sspictl::doctor(options, doctor); }; });
  }
};

}  // namespace

int main(int argc, char** argv) {
  CommandLine line;
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return line.app.exit(error) == 0 ? Exit::ok : Exit::usage;
  }
  try {
    const Result result = line.command();
    if (!result.text.empty()) std::puts(result.text.c_str());
    return result.status;
  } catch (const sspictl::Failure& failure) {
    std::fprintf(stderr, "sspictl: %s\n", sspictl::printable(failure.what()).c_str());
    return failure.status;
  }
}
