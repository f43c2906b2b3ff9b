#include "daemon/worker/calls/calls.h"
#include "daemon/worker/exports.h"
#include "daemon/worker/rights.h"

namespace sspid::worker::calls {

Outcome import_security_context(Caller& caller, const proto::ImportSecurityContextRequest& in,
                                Reply<proto::ImportSecurityContextReplyT>& out) {
  const Package* package = in.package() ? find_package(in.package()->string_view()) : nullptr;
  if (!package)
    return no_such_package(*caller.worker.grant(), in.package() ? in.package()->string_view() : std::string_view());
  const std::optional<Claim> claim = unpack(caller.payload);
  const auto deliver = [&](const std::shared_ptr<Context>& context) { out.table.context = caller.hand_out(context); };
  // Why not is nobody's business who does not hold the whole claim.
  if (!claim || !caller.worker.exports->redeem(*claim, *package, Exports::Clock::now(), deliver))
    return {SEC_E_UNKNOWN_CREDENTIALS, "these bytes do not name an exported context of this package"};
  return {};
}

}  // namespace sspid::worker::calls
