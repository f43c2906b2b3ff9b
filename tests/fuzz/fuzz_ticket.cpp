// The search for a ticket in a stranger's context token: what is found lies within the token.
#include <cstdint>
#include <span>

#include "daemon/worker/gss/ticket.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto token = std::as_bytes(std::span(data, size));
  const auto ticket = sspid::worker::gss::ticket_in(token);
  if (ticket.empty()) return 0;
  if (ticket.data() < token.data() || ticket.data() + ticket.size() > token.data() + token.size()) __builtin_trap();
  return 0;
}
