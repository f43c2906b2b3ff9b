#include "daemon/worker/calls/calls.h"
#include "daemon/worker/gss/status.h"

namespace sspid::worker::calls {

Outcome make_signature(Caller& caller, const proto::MakeSignatureRequest& in, Reply<proto::MakeSignatureReplyT>& out) {
  LockedContext context;
  Outcome ready = find_for_message(caller, in.context(), context);
  if (ready.status != SEC_E_OK) return ready;
  if (in.qop() != 0) return {SEC_E_QOP_NOT_SUPPORTED, "signatures have one quality of protection only"};
  const Facts* facts = nullptr;
  Sealer* sealer = nullptr;
  if (Outcome learned = context->learn(facts); !learned.ok()) return learned;
  // Before the call, so that a caller with too little room costs no sequence number (E-084).
  if (in.token_capacity() < facts->sizes.max_signature)
    return {SEC_E_BUFFER_TOO_SMALL, "the TOKEN buffer is smaller than cbMaxSignature"};

  if (Outcome made = context->sealer(sealer); !made.ok()) return made;
  gss::Sealed& signature = out.payload.sealed;
  const gss::MessageStatus result = sealer->sign(caller.payload, signature);
  if (GSS_ERROR(result.major))
    return {gss::status_of(gss::Call::get_mic, result.major, result.minor, {}),
            gss::describe(result.major, result.minor, context->mechanism)};
  out.payload.add(std::span(signature.token).first(signature.token_length));
  return {};
}

}  // namespace sspid::worker::calls
