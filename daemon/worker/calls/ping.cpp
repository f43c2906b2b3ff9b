#include "daemon/worker/calls/calls.h"

namespace sspid::worker::calls {

Outcome ping(Caller& caller, const proto::PingRequest&, Reply<proto::PingReplyT>& out) {
  out.table.version = SSPID_VERSION;
  for (const auto& session : caller.worker.sessions->all()) {
    out.table.sessions += 1;
    out.table.credentials += static_cast<std::uint32_t>(session->credentials.size());
    out.table.contexts += static_cast<std::uint32_t>(session->contexts.size());
  }
  return {};
}

}  // namespace sspid::worker::calls
