// The commands, one file each: <command>.cpp. Each answers with what to print and how to end; what keeps it from
// answering is a Failure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "connection.h"
#include "daemon/admin_protocol.h"
#include "output.h"

namespace sspictl {

struct Options {
  std::string socket = "/run/sspid/sspid.sock";
  std::optional<std::string> admin_socket;  ///< none: beside `socket`
  double timeout = 5;
  Format format = Format::text;

  [[nodiscard]] Deadline deadline() const {
    const auto patience = std::chrono::duration<double>{timeout};
    return std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(patience);
  }
  /// Where programs talk to it. Throws Failure for what programs may have in SSPI_SOCKET and nobody else can use.
  [[nodiscard]] const std::string& place() const {
    if (socket != "embedded:") return socket;
    throw Failure{"an embedded daemon is its program's alone: name another by --socket", Exit::usage};
  }
  [[nodiscard]] std::string administration() const {
    return admin_socket ? *admin_socket : sspid::admin::default_socket(place());
  }
};

/// Is the daemon there, does it answer, and how much does it hold for who asks?
[[nodiscard]] Result ping(const Options& options);

/// The supervisor and its workers.
[[nodiscard]] Result status(const Options& options);

/// What programs of who asks are offered.
[[nodiscard]] Result packages(const Options& options);

/// Client processes, and what each holds.
[[nodiscard]] Result sessions(const Options& options);

/// Security contexts, half open ones too.
[[nodiscard]] Result contexts(const Options& options);

/// Everything that is counted, in Prometheus' text format; with --json as the workers wrote it.
[[nodiscard]] Result metrics(const Options& options);

/// Whether sspid would take this configuration.
[[nodiscard]] Result check(const Options& options, const std::string& file);

/// Makes the daemon read its configuration again.
[[nodiscard]] Result reload(const Options& options);

/// What of a daemon and its Kerberos is not well, and how to mend it.
struct DoctorOptions {
  std::vector<std::string> keytabs;         ///< none: those of the environment
  std::vector<std::string> principals;      ///< that services accept as; none: those in the keytabs
  std::optional<std::string> replay_cache;  ///< directory; none: that of the environment
};
[[nodiscard]] Result doctor(const Options& options, const DoctorOptions& what);

}  // namespace sspictl
