#include "daemon/worker/calls/calls.h"
#include "daemon/worker/gss/status.h"

namespace sspid::worker::calls {

Outcome make_signature(Caller& caller, const proto::MakeSignatureRequest& in, Reply<proto::MakeSignatureReplyT>& out) {
  LockedContext context;
  Outcome ready = find_for_message(caller, in.context(), context);
  if (ready.status != SEC_E_OK) return ready;
  if (in.qop() != 0) return {SEC_E_QOP_NOT_SUPPORTED, "signatures have one quality of protection only"};
  const Facts* facts = nullptr;
  if (Outcome learned = context->learn(facts); !learned.ok()) return learned;
  // Before the call, so that a caller with too little room costs no sequence number (E-084).
  if (in.token_capacity() < facts->sizes.max_signature)
    return {SEC_E_BUFFER_TOO_SMALL, "the TOKEN buffer is smaller than cbMaxSignature"};

  OM_uint32 minor = 0;
  gss_buffer_desc message = gss::borrow(caller.payload);
  const OM_uint32 major =
      gss_get_mic(&minor, context->gss.get(), GSS_C_QOP_DEFAULT, &message, out.payload.token.out());
  if (GSS_ERROR(major))
    return {gss::status_of(gss::Call::get_mic, major, minor, {}), gss::describe(major, minor, context->mechanism)};
  out.payload.add(out.payload.token.bytes());
  return {};
}

}  // namespace sspid::worker::calls
