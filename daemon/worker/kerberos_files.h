// The files without which Kerberos does not work, and whether this process can use them: libkrb5's own error texts
// hardly tell. For workers' reports and for sspictl doctor.
#pragma once

#include <string>
#include <vector>

namespace sspid::worker {

/// The files of Kerberos' configuration: KRB5_CONFIG's, or /etc/krb5.conf.
[[nodiscard]] std::vector<std::string> configuration_files();

/// Those that this process cannot read, each with the reason.
[[nodiscard]] std::vector<std::string> unreadable_configuration();

/// Where authenticators are remembered that were seen.
struct ReplayCache {
  std::string directory;  ///< empty: none is used
  std::string problem;    ///< why this process cannot write there; empty: it can
};

/// As the environment says, tried by this process with its own rights.
[[nodiscard]] ReplayCache replay_cache();

}  // namespace sspid::worker
