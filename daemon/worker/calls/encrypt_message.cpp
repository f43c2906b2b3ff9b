#include "daemon/worker/calls/calls.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/segments.h"

namespace sspid::worker::calls {

namespace {

/// What fQOP asks for: encryption (0) or integrity only. SEC_E_QOP_NOT_SUPPORTED where the context grants no such
/// thing.
Outcome read_qop(std::uint32_t qop, const Context& context, bool& encrypt) {
  if (qop != 0 && qop != SECQOP_WRAP_NO_ENCRYPT) return {SEC_E_QOP_NOT_SUPPORTED, "unknown quality of protection"};
  encrypt = qop == 0;
  if (encrypt && !context.grants_confidentiality())
    return {SEC_E_QOP_NOT_SUPPORTED, "confidentiality was not negotiated"};
  return {};
}

/// Before sealing, so that a caller with too little room costs no sequence number (E-084, E-085).
Outcome check_room(const proto::EncryptMessageRequest& in, const gss::Sealed& sealed) {
  if (in.token_capacity() < sealed.token_length)
    return {SEC_E_BUFFER_TOO_SMALL, "the TOKEN buffer is smaller than the " + std::to_string(sealed.token_length) +
                                        " bytes that this message needs"};
  if (in.padding_capacity() < sealed.padding_length)
    return {SEC_E_BUFFER_TOO_SMALL, "this encryption type needs a PADDING buffer"};
  return {};
}

}  // namespace

Outcome encrypt_message(Caller& caller, const proto::EncryptMessageRequest& in,
                        Reply<proto::EncryptMessageReplyT>& out) {
  LockedContext context;
  Outcome ready = find_for_message(caller, in.context(), context);
  if (ready.status != SEC_E_OK) return ready;
  bool encrypt = false;
  if (Outcome qop = read_qop(in.qop(), *context, encrypt); !qop.ok()) return qop;

  Sealer* sealer = nullptr;
  if (Outcome made = context->sealer(sealer); !made.ok()) return made;

  const Segments segments(in.segments(), caller.payload);
  gss::Sealed& sealed = out.payload.sealed;
  gss::MessageStatus result =
      sealer->sealed_lengths(encrypt, segments.parts(), sealed.token_length, sealed.padding_length);
  if (!GSS_ERROR(result.major)) {
    if (Outcome room = check_room(in, sealed); !room.ok()) return room;
    result = sealer->seal(encrypt, segments.parts(), sealed);
  }
  if (GSS_ERROR(result.major))
    return {gss::status_of(gss::Call::wrap, result.major, result.minor, {}),
            gss::describe(result.major, result.minor, context->mechanism)};

  segments.add_data_to(out.payload);
  out.payload.add(std::span(sealed.token).first(sealed.token_length));
  out.payload.add(std::span(sealed.padding).first(sealed.padding_length));
  out.table.token = static_cast<std::uint32_t>(sealed.token_length);
  out.table.padding = static_cast<std::uint32_t>(sealed.padding_length);
  return {};
}

}  // namespace sspid::worker::calls
