#include "daemon/worker/ntlm/guard.h"

#include "daemon/worker/gss/mechanisms.h"
#include "daemon/worker/gss/spnego_token.h"
#include "daemon/worker/gss/token.h"
#include "daemon/worker/ntlm/handshake.h"

namespace sspid::worker::ntlm {

namespace {

using Bytes = std::span<const std::byte>;

/// NegTokenResp, which comes without framing.
constexpr std::byte kResponse{0xA1};

bool is_message(Bytes token) { return gss::kind_of_token(token) == gss::TokenKind::ntlm; }

bool is_negotiation(Bytes token) {
  return gss::kind_of_token(token) == gss::TokenKind::negotiate || (!token.empty() && token[0] == kResponse);
}

bool names_ntlm(Bytes mechanism) {
  const gss_OID_desc oid = {static_cast<OM_uint32>(mechanism.size()), const_cast<std::byte*>(mechanism.data())};
  return gss::same_mechanism(&oid, gss::ntlm());
}

}  // namespace

Outcome Guard::admit(Bytes token) {
  if (token.empty()) return {};
  if (is_message(token)) return admit_message(token);
  if (!is_negotiation(token))
    return is_ntlm_ ? Outcome{SEC_E_INVALID_TOKEN, "NTLM: the token is none of this exchange"} : Outcome{};
  const auto negotiation = gss::read_spnego(token);
  if (!negotiation) return {SEC_E_INVALID_TOKEN, "Negotiate: the token is malformed"};
  if (!negotiation->initial && !negotiation->mechanisms.empty()) is_ntlm_ = names_ntlm(negotiation->mechanisms.front());
  if (negotiation->has_mic) checksums_ += 1;
  if (negotiation->inner.empty()) return {};
  if (is_message(negotiation->inner)) return admit_message(negotiation->inner);
  return is_ntlm_ ? Outcome{SEC_E_INVALID_TOKEN, "NTLM: the token is none of NTLM"} : Outcome{};
}

Outcome Guard::admit_message(Bytes bytes) {
  is_ntlm_ = true;
  const auto message = read_message(bytes, agreed_);
  if (!message) return {SEC_E_INVALID_TOKEN, "NTLM: the token is malformed"};
  const MessageType wanted = side_ == Side::initiator ? MessageType::challenge
                             : agreed_ == 0           ? MessageType::negotiate
                                                      : MessageType::authenticate;
  if (message->type != wanted) return {SEC_E_INVALID_TOKEN, "NTLM: the token is not the one that is due"};
  if (message->type == MessageType::authenticate) return {};
  if (!protects_soundly(message->flags))
    return {SEC_E_UNSUPPORTED_FUNCTION, "NTLM: the peer has no extended session security"};
  if (message->type == MessageType::challenge) agreed_ = message->flags;
  if (message->type == MessageType::negotiate) identify_ = (message->flags & kIdentify) != 0;
  return {};
}

void Guard::note(Bytes token) {
  Bytes message = token;
  if (is_negotiation(token)) {
    const auto negotiation = gss::read_spnego(token);
    message = negotiation ? negotiation->inner : Bytes{};
  }
  if (!is_message(message)) return;
  is_ntlm_ = true;
  if (const auto own = read_message(message, agreed_); own && own->type == MessageType::challenge) agreed_ = own->flags;
}

}  // namespace sspid::worker::ntlm
