#include "ldap.h"

#include <stdexcept>

#include "ber.h"

namespace sspid::test {

namespace {

// Protocol operations of RFC 4511.
constexpr unsigned kBindRequest = 0x60;
constexpr unsigned kBindResponse = 0x61;
constexpr unsigned kSearchRequest = 0x63;
constexpr unsigned kSearchEntry = 0x64;
constexpr unsigned kSearchDone = 0x65;
constexpr unsigned kExtendedRequest = 0x77;
constexpr unsigned kExtendedResponse = 0x78;

constexpr std::uint32_t kOurLargestPacket = 65536;
constexpr std::uint32_t kNonsense = std::uint32_t{1} << 24;

void must_succeed(const LdapClient::BindAnswer& answer) {
  if (answer.code != LdapClient::kSuccess)
    throw std::runtime_error("bind: " + std::to_string(answer.code) + ' ' + answer.diagnostic);
}

}  // namespace

void LdapClient::send(const Bytes& operation) {
  Bytes message = ber::element(ber::kSequence, joined({ber::number(ber::kInteger, ++message_id_), operation}));
  if (context_) {
    const Bytes token = context_->seal(message, qop_).stream();
    message = ByteBuilder().be(static_cast<std::uint32_t>(token.size())).add(token).take();
  }
  stream_.send(message);
}

// A packet of the security layer, or a byte in clear.
void LdapClient::fill() {
  if (!context_) {
    received_.push_back(stream_.receive_be<std::uint8_t>());
    return;
  }
  const auto length = stream_.receive_be<std::uint32_t>();
  if (length > kNonsense) throw std::runtime_error("slapd sends a packet of " + std::to_string(length) + " bytes");
  Bytes plain;
  ULONG qop = 0;
  must("DecryptMessage", context_->open_stream(stream_.receive(length), plain, &qop));
  if (qop != qop_) throw std::runtime_error("slapd protects its answers in another way than was agreed");
  received_.insert(received_.end(), plain.begin(), plain.end());
}

Bytes LdapClient::receive() {
  std::size_t length = 0;
  while ((length = ber::Reader::whole_length(received_)) == 0 || received_.size() < length) fill();
  const auto end = received_.begin() + static_cast<std::ptrdiff_t>(length);
  const Bytes whole(received_.begin(), end);
  received_.erase(received_.begin(), end);
  ber::Reader message(ber::Reader(whole).take(ber::kSequence));
  if (message.take_number(ber::kInteger) != message_id_) throw std::runtime_error("an answer to another request");
  const unsigned operation = message.next_tag();
  return ber::element(operation, message.take(operation));
}

LdapClient::BindAnswer LdapClient::bind(const std::string& mechanism, const Bytes& credentials) {
  const Bytes sasl = ber::element(
      0xA3, joined({ber::text(ber::kOctetString, mechanism), ber::element(ber::kOctetString, credentials)}));
  send(ber::element(kBindRequest, joined({ber::number(ber::kInteger, 3), ber::text(ber::kOctetString, ""), sasl})));
  ber::Reader answer(ber::Reader(receive()).take(kBindResponse));
  BindAnswer result;
  result.code = answer.take_number(ber::kEnumerated);
  (void)answer.take(ber::kOctetString);
  result.diagnostic = text_of(answer.take(ber::kOctetString));
  if (!answer.at_end()) result.credentials = answer.take(0x87);
  return result;
}

// Tokens until both are done. What comes behind the context's last token is in the answer that is returned.
template <class Initiator>
LdapClient::BindAnswer LdapClient::exchange(Initiator& context, const std::string& mechanism) {
  Leg leg = context.step({});
  BindAnswer answer = bind(mechanism, leg.token);
  while (leg.state == Leg::State::more) {
    if (answer.code != kSaslBindInProgress && answer.code != kSuccess) must_succeed(answer);
    leg = context.step(answer.credentials);
    if (leg.state == Leg::State::failed) throw std::runtime_error(leg.status);
    if (answer.code == kSuccess) break;
    answer = bind(mechanism, leg.token);
  }
  return answer;
}

void LdapClient::bind_gssapi(SspiInitiator& context, SaslLayer layer) {
  const BindAnswer offer = exchange(context, "GSSAPI");
  if (offer.code != kSaslBindInProgress) throw std::runtime_error("slapd offers no layer: " + offer.diagnostic);
  Bytes plain;
  must("DecryptMessage", context.open_stream(offer.credentials, plain));
  if (plain.size() != 4 || !(plain[0] & static_cast<std::uint8_t>(layer)))
    throw std::runtime_error("slapd does not offer this layer");

  const auto choice =
      ByteBuilder()
          .be(static_cast<std::uint32_t>(layer) << 24 | (layer == SaslLayer::none ? 0 : kOurLargestPacket))
          .take();
  must_succeed(bind("GSSAPI", context.seal(choice, SECQOP_WRAP_NO_ENCRYPT).stream()));
  if (layer == SaslLayer::none) return;
  context_ = &context;
  qop_ = layer == SaslLayer::privacy ? 0 : ULONG{SECQOP_WRAP_NO_ENCRYPT};
}

void LdapClient::bind_spnego(SspiInitiator& context) {
  must_succeed(exchange(context, "GSS-SPNEGO"));
  context_ = &context;
}

void LdapClient::bind_sasl(SaslInitiator& context, const std::string& mechanism) {
  must_succeed(exchange(context, mechanism));
  if ((context.attributes() & (ISC_RET_CONFIDENTIALITY | ISC_RET_INTEGRITY)) == 0) return;
  context_ = &context;
  qop_ = (context.attributes() & ISC_RET_CONFIDENTIALITY) != 0 ? 0 : ULONG{SECQOP_WRAP_NO_ENCRYPT};
}

std::string LdapClient::who_am_i() {
  send(ber::element(kExtendedRequest, ber::text(0x80, "1.3.6.1.4.1.4203.1.11.3")));
  ber::Reader answer(ber::Reader(receive()).take(kExtendedResponse));
  if (const unsigned code = answer.take_number(ber::kEnumerated); code != kSuccess)
    throw std::runtime_error("who am I: " + std::to_string(code));
  (void)answer.take(ber::kOctetString);
  (void)answer.take(ber::kOctetString);
  return text_of(answer.take(0x8B));
}

std::vector<LdapClient::Entry> LdapClient::search(const std::string& base) {
  // The whole subtree, aliases as they are, no limits, values too, every entry, all attributes.
  send(ber::element(kSearchRequest, joined({ber::text(ber::kOctetString, base), ber::number(ber::kEnumerated, 2),
                                            ber::number(ber::kEnumerated, 0), ber::number(ber::kInteger, 0),
                                            ber::number(ber::kInteger, 0), ber::number(ber::kBoolean, 0),
                                            ber::text(0x87, "objectClass"), ber::element(ber::kSequence, {})})));
  std::vector<Entry> entries;
  for (;;) {
    ber::Reader answer(receive());
    if (answer.next_tag() == kSearchDone) {
      if (const unsigned code = ber::Reader(answer.take(kSearchDone)).take_number(ber::kEnumerated); code != kSuccess)
        throw std::runtime_error("search: " + std::to_string(code));
      return entries;
    }
    ber::Reader entry(answer.take(kSearchEntry));
    std::string name = text_of(entry.take(ber::kOctetString));
    entries.push_back({std::move(name), entry.take(ber::kSequence).size()});
  }
}

}  // namespace sspid::test
