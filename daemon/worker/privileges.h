// What a worker gives up before it sees anything that a client sent.
#pragma once

#include <optional>

#include <sys/types.h>

namespace sspid::worker {

/// Whom root's process becomes.
struct Ids {
  uid_t uid;
  gid_t gid;
};

/// Gives up everything that a worker does not need, for good. Run by root, the process becomes `ids`, without
/// supplementary groups; anybody else keeps their ids. Then: a session keyring of its own, no capabilities, no way to
/// gain any, closed to debuggers, no core file. Call it while the process has one thread. Throws std::system_error or
/// std::runtime_error: the process must not go on.
void drop_privileges(const std::optional<Ids>& ids);

/// Says in the log where the configuration of Kerberos cannot be read by this process: with privileges gone, everything
/// would fail later for that reason, each time in other words.
void warn_of_unreadable_configuration();

}  // namespace sspid::worker
