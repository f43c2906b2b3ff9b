#include "daemon/worker/calls/calls.h"
#include "daemon/worker/gss/status.h"

namespace sspid::worker::calls {

Outcome verify_signature(Caller& caller, const proto::VerifySignatureRequest& in,
                         Reply<proto::VerifySignatureReplyT>&) {
  LockedContext context;
  Outcome ready = find_for_message(caller, in.context(), context);
  if (ready.status != SEC_E_OK) return ready;
  const Facts* facts = nullptr;
  Sealer* sealer = nullptr;
  if (Outcome learned = context->learn(facts); !learned.ok()) return learned;
  if (Outcome made = context->sealer(sealer); !made.ok()) return made;

  const std::span<std::byte> token = caller.payload.last(in.token());
  const auto message = caller.payload.first(caller.payload.size() - in.token());
  const gss::MessageStatus result = sealer->verify(message, token);
  const SECURITY_STATUS status = gss::status_of(gss::Call::verify_mic, result.major, result.minor,
                                                {.token = token, .nominal_token = facts->sizes.max_signature});
  if (status == SEC_E_OK) return {};
  return {status, gss::describe(result.major, result.minor, context->mechanism)};
}

}  // namespace sspid::worker::calls
