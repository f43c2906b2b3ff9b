// Who is at the other end of a connection, as the kernel told the supervisor.
#pragma once

#include <string>

#include <sys/types.h>

namespace sspid::worker {

struct Client {
  uid_t uid = 0;
  pid_t pid = 0;
  std::string unit{};        ///< of systemd; empty where it is not known
  std::string executable{};  ///< likewise
};

}  // namespace sspid::worker
