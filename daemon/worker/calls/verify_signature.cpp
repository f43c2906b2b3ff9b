#include "daemon/worker/calls/calls.h"
#include "daemon/worker/gss/status.h"

namespace sspid::worker::calls {

Outcome verify_signature(Caller& caller, const proto::VerifySignatureRequest& in,
                         Reply<proto::VerifySignatureReplyT>&) {
  LockedContext context;
  Outcome ready = find_for_message(caller, in.context(), context);
  if (ready.status != SEC_E_OK) return ready;
  const Facts* facts = nullptr;
  if (Outcome learned = context->learn(facts); !learned.ok()) return learned;

  const std::span<std::byte> token = caller.payload.last(in.token());
  gss_buffer_desc message = gss::borrow(caller.payload.first(caller.payload.size() - in.token()));
  gss_buffer_desc signature = gss::borrow(token);
  OM_uint32 minor = 0;
  const OM_uint32 major = gss_verify_mic(&minor, context->gss.get(), &message, &signature, nullptr);
  const SECURITY_STATUS status = gss::status_of(
      gss::Call::verify_mic, major, minor, {.token = token, .nominal_token = facts->sizes.max_signature});
  if (status == SEC_E_OK) return {};
  return {status, gss::describe(major, minor, context->mechanism)};
}

}  // namespace sspid::worker::calls
