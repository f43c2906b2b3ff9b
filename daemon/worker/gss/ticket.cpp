#include "daemon/worker/gss/ticket.h"

#include "daemon/worker/gss/der.h"

namespace sspid::worker::gss {

namespace {

constexpr std::uint8_t kOctets = 0x04, kOid = 0x06, kSequence = 0x30, kFramed = 0x60, kApReq = 0x6E;
constexpr std::uint8_t kField0 = 0xA0, kField1 = 0xA1, kField2 = 0xA2, kField3 = 0xA3;

/// Nothing is left where a step down fails, so that the next one fails too.
DerBytes inside(std::uint8_t tag, DerBytes bytes) {
  const auto element = element_with(tag, bytes);
  return element ? element->content : DerBytes();
}

/// RFC 2743 3.1: what follows the mechanism's OID. The same bytes where there is no framing.
DerBytes without_framing(DerBytes token) {
  DerBytes rest = token;
  const auto framed = next_element(rest);
  if (!framed || framed->tag != kFramed) return token;
  rest = framed->content;
  const auto mechanism = next_element(rest);
  return mechanism && mechanism->tag == kOid ? rest : DerBytes();
}

/// RFC 4120 5.5.1: AP-REQ ::= [APPLICATION 14] SEQUENCE { …, ticket [3] Ticket, … }
DerBytes ticket_in_kerberos(DerBytes token) {
  DerBytes body = without_framing(token);
  constexpr std::size_t kTokenId = 2;  // RFC 4121 4.1: 01 00
  if (body.size() > kTokenId && std::to_integer<std::uint8_t>(body[0]) != kApReq) body = body.subspan(kTokenId);
  return inside(kField3, inside(kSequence, inside(kApReq, body)));
}

/// RFC 4178 4.2: mechToken [2] of NegTokenInit [0], responseToken [2] of NegTokenResp [1].
DerBytes negotiated_token(DerBytes token) {
  DerBytes rest = without_framing(token);
  const auto negotiation = next_element(rest);
  if (!negotiation || (negotiation->tag != kField0 && negotiation->tag != kField1)) return {};
  return inside(kOctets, inside(kField2, inside(kSequence, negotiation->content)));
}

}  // namespace

std::span<const std::byte> ticket_in(std::span<const std::byte> token) {
  const DerBytes inner = negotiated_token(token);
  return ticket_in_kerberos(inner.empty() ? token : inner);
}

}  // namespace sspid::worker::gss
