// Which ticket cache an outbound credential uses: what the client's environment names, else its default as the daemon
// knows it. A FILE cache is opened here, with the client's own rights and in its own mount namespace.
#pragma once

#include <string>

#include "proto/descriptor.h"

namespace sspi {

struct TicketCache {
  std::string name;  ///< with its type; empty: there is none
  int open_error = 0;
  sspid::proto::Descriptor file;
};

[[nodiscard]] TicketCache client_ticket_cache(const std::string& default_cache);

/// Gives a name its type and opens what is a file.
[[nodiscard]] TicketCache open_ticket_cache(std::string name);

}  // namespace sspi
