// Who connected: asked of the kernel at accept, before anything is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/control.h"
#include "proto/descriptor.h"

namespace sspid::supervisor {

enum class FindProcess {
  by_descriptor,  ///< where the kernel can
  by_number       ///< as where it cannot
};

/// What the other end had when it connected. Nothing where the kernel cannot tell.
///
/// Unit and executable are those of the process while it lives. Where the kernel gives a descriptor of the very process
/// that connected (SO_PEERPIDFD, since Linux 6.5), it is asked afterwards whether the process still lived. Where not
/// (Debian 12 has 6.1), a descriptor is opened by the number, and the process must have the uid of the peer: a process
/// that took the number over is then at best another one of the same uid, which could have run the executable itself.
/// A process of another pid namespace has neither: its numbers and paths mean something else there.
[[nodiscard]] std::optional<Peer> peer_of(int socket, FindProcess find = FindProcess::by_descriptor);

/// The process of that number, provided that its effective uid is this one. Otherwise none.
[[nodiscard]] proto::Descriptor process_of(pid_t pid, uid_t uid);

/// The supplementary groups that the other end had when it connected.
[[nodiscard]] std::vector<gid_t> groups_of(int socket);

/// The system's unit in the text of /proc/PID/cgroup: the outermost service or scope, so that a unit which a user's own
/// systemd started is "user@1000.service", whatever it calls itself. Empty: none.
[[nodiscard]] std::string unit_in(std::string_view cgroups);

}  // namespace sspid::supervisor
