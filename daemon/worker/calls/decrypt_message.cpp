#include <openssl/crypto.h>

#include "daemon/worker/calls/calls.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/segments.h"

namespace sspid::worker::calls {

namespace {

/// RFC 4121 tokens start with 16 bytes; a shorter one cannot even be judged (E-109, E-110).
constexpr std::size_t kTokenHeader = 16;

struct Opened {
  gss::MessageStatus status;
  bool encrypted = false;
  bool fits = true;  ///< the plaintext has room in the caller's buffers
};

/// TOKEN, the segments and PADDING lie back to back, which is the wire token itself: what gss_wrap_iov did not make is
/// opened whole (E-091).
Opened open_whole(Sealer& sealer, std::span<std::byte> token, Payload& payload) {
  Opened opened;
  std::span<std::byte> plaintext;
  opened.status = sealer.open_stream(token, plaintext, opened.encrypted);
  if (!GSS_ERROR(opened.status.major)) payload.add(plaintext);
  return opened;
}

Opened open_parts(Sealer& sealer, bool dce_style, const proto::DecryptMessageRequest& in, std::span<std::byte> message,
                  Payload& payload) {
  const std::span<std::byte> token = message.first(in.token());
  const std::span<std::byte> padding = message.last(in.padding());
  const Segments segments(in.segments(), message.subspan(in.token()));
  if (!gss::is_split_layout(token, dce_style) && !segments.has_sign_only()) {
    Opened whole = open_whole(sealer, message, payload);
    whole.fits = payload.size() <= segments.writable_size();
    return whole;
  }
  Opened opened;
  opened.status = sealer.open_split(token, segments.parts(), padding, opened.encrypted);
  if (!GSS_ERROR(opened.status.major)) segments.add_data_to(payload);
  return opened;
}

Outcome too_short(const proto::DecryptMessageRequest& in, std::size_t length, proto::DecryptMessageReplyT& table) {
  if (in.layout() == proto::Layout::Split) return {SEC_E_INVALID_TOKEN, "the TOKEN buffer is shorter than any token"};
  table.missing = static_cast<std::uint32_t>(kTokenHeader - length);
  return {SEC_E_INCOMPLETE_MESSAGE, "the token is not complete"};
}

}  // namespace

Outcome decrypt_message(Caller& caller, const proto::DecryptMessageRequest& in,
                        Reply<proto::DecryptMessageReplyT>& out) {
  LockedContext context;
  Outcome ready = find_for_message(caller, in.context(), context);
  if (ready.status != SEC_E_OK) return ready;
  const bool stream = in.layout() == proto::Layout::Stream;
  const std::size_t token = stream ? caller.payload.size() : in.token();
  if (token < kTokenHeader) return too_short(in, token, out.table);
  const bool dce_style = (context->gss_flags & GSS_C_DCE_STYLE) != 0;
  if (stream && dce_style) return {SEC_E_INVALID_TOKEN, "DCE style messages have no STREAM layout"};

  Sealer* sealer = nullptr;
  if (Outcome made = context->sealer(sealer); !made.ok()) return made;
  if (!stream && !sealer->takes_token_of(token))
    return {SEC_E_INVALID_TOKEN, "the TOKEN buffer is not as long as the context's tokens"};
  const gss::Circumstances circumstances{.token = caller.payload.first(token), .stream = stream};
  const Opened opened = stream ? open_whole(*sealer, caller.payload, out.payload)
                               : open_parts(*sealer, dce_style, in, caller.payload, out.payload);
  const SECURITY_STATUS status =
      gss::status_of(gss::Call::unwrap, opened.status.major, opened.status.minor, circumstances);
  if (status == SEC_E_OK && opened.fits) {
    out.table.qop = opened.encrypted ? 0 : SECQOP_WRAP_NO_ENCRYPT;
    return {};
  }
  // A message out of sequence was opened all the same: its plaintext goes to nobody (E-098).
  out.payload.clear();
  OPENSSL_cleanse(caller.payload.data(), caller.payload.size());
  if (status == SEC_E_OK) return {SEC_E_BUFFER_TOO_SMALL, "the plaintext is longer than the DATA buffers"};
  return {status, gss::describe(opened.status.major, opened.status.minor, context->mechanism)};
}

}  // namespace sspid::worker::calls
