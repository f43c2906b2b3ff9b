// One question and its answer on a session that a handle named: what every call with a handle does.
#pragma once

#include "client-lib/last_error.h"
#include "client-lib/session.h"

namespace sspi {

/// SEC_E_OK: `reply` is the daemon's reply and its `status()` is the call's. Anything else: there is no reply.
template <class Table>
[[nodiscard]] SECURITY_STATUS read_reply(Answer& answer, const Table*& reply) {
  reply = answer.read<Table>();
  return reply != nullptr ? SEC_E_OK : failed(SEC_E_INTERNAL_ERROR, "sspid's reply cannot be understood");
}

/// The whole exchange, for a thread that may block.
template <class Table>
[[nodiscard]] SECURITY_STATUS ask(Session& session, const Request& request, std::span<const iovec> places,
                                  Answer& answer, const Table*& reply) {
  switch (session.transact(request, places, answer)) {
    case Exchange::done:
      break;
    case Exchange::gone:
      return failed(SEC_E_INVALID_HANDLE, "the handle's session with sspid has ended");
    case Exchange::lost:
      return failed(SEC_E_INTERNAL_ERROR, "the connection to sspid ended during the call");
  }
  return read_reply(answer, reply);
}

/// The status that the daemon gave, its text remembered where it is a failure.
template <class Table>
[[nodiscard]] SECURITY_STATUS status_of(const Table& reply) {
  if (SEC_SUCCESS(reply.status())) return reply.status();
  return failed(reply.status(), reply.detail() == nullptr ? std::string_view() : reply.detail()->string_view());
}

/// A reply that says something which cannot be.
[[nodiscard]] inline SECURITY_STATUS nonsense(Answer& answer) {
  answer.lease->mark_dead();
  return failed(SEC_E_INTERNAL_ERROR, "sspid's reply contradicts itself");
}

}  // namespace sspi
