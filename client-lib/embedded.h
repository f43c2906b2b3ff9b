// `embedded:`, a daemon of the program's own: started at the first call that needs one, in the program's environment,
// and gone with the last process that inherited it over fork().
//
// Only where somebody named it; that nobody answers elsewhere is no reason to start one, since that would go round
// policy and audit. Program and daemon share a pair of SOCK_SEQPACKET sockets (proto/embedded.h). A connection is the
// end of another pair, whose other end is passed on it. The daemon lives as long as somebody holds the program's end;
// where that was closed, or the daemon has died, the next session starts another one.
#pragma once

#include <string>
#include <string_view>

#include "client-lib/waiting.h"
#include "proto/descriptor.h"

namespace sspi {

/// What stands for it where a socket is named.
inline constexpr std::string_view kEmbedded = "embedded:";

enum class Start {
  if_needed,
  never,  ///< for what belongs to the daemon that there was
};

/// A socket at whose other end the program's daemon is, or will be as soon as it runs. None, with `error` set: an
/// errno; EAGAIN says that it would have to wait (Pace::nonblocking) or that there is no room for another process,
/// ECONNREFUSED that there is no daemon that belongs to this process' user; others mean that none can be started. Any
/// thread may call.
[[nodiscard]] sspid::proto::Descriptor connect_embedded(Pace pace, Start start, int& error);

/// What is started: SSPI_DAEMON, else the sspid that was installed with the library.
[[nodiscard]] std::string embedded_program();

}  // namespace sspi
