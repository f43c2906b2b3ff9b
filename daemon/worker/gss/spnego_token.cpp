#include "daemon/worker/gss/spnego_token.h"

#include <algorithm>
#include <array>

namespace sspid::worker::gss {

namespace {

using Bytes = SpnegoToken::Bytes;

// Tags of DER
constexpr unsigned kApplication0 = 0x60;  // RFC 2743 3.1 framing
constexpr unsigned kSequence = 0x30;
constexpr unsigned kOctetString = 0x04;
constexpr unsigned kObjectIdentifier = 0x06;
constexpr unsigned context(unsigned number) { return 0xA0 | number; }

constexpr std::array kSpnego = {std::byte{0x2B}, std::byte{0x06}, std::byte{0x01},
                                std::byte{0x05}, std::byte{0x05}, std::byte{0x02}};

/// More than anybody offers, and than MIT takes time over.
constexpr std::size_t kMaxMechanisms = 32;

struct Element {
  unsigned tag = 0;
  Bytes content;
};

/// Takes the first element off `bytes`. Only definite lengths of up to four bytes: the longest token is 128 KiB.
std::optional<Element> take(Bytes& bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto tag = std::to_integer<unsigned>(bytes[0]);
  auto length = std::to_integer<std::size_t>(bytes[1]);
  std::size_t header = 2;
  if (length >= 0x80) {
    const std::size_t more = length & 0x7F;
    if (more == 0 || more > 4 || bytes.size() < header + more) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < more; ++i) length = (length << 8) | std::to_integer<std::size_t>(bytes[header + i]);
    header += more;
  }
  if (length > bytes.size() - header) return std::nullopt;
  const Element element{tag, bytes.subspan(header, length)};
  bytes = bytes.subspan(header + length);
  return element;
}

/// The one element of this tag that `bytes` is made of.
std::optional<Bytes> only(Bytes bytes, unsigned tag) {
  const auto element = take(bytes);
  return element && element->tag == tag && bytes.empty() ? std::optional(element->content) : std::nullopt;
}

bool read_offer(Bytes content, std::vector<Bytes>& mechanisms) {
  auto list = only(content, kSequence);
  if (!list) return false;
  while (!list->empty()) {
    const auto mechanism = take(*list);
    if (!mechanism || mechanism->tag != kObjectIdentifier || mechanisms.size() == kMaxMechanisms) return false;
    mechanisms.push_back(mechanism->content);
  }
  return true;
}

bool read_choice(Bytes content, std::vector<Bytes>& mechanisms) {
  const auto mechanism = only(content, kObjectIdentifier);
  if (mechanism) mechanisms.push_back(*mechanism);
  return mechanism.has_value();
}

/// Both kinds are a sequence of [0] … [4]: [0] is the offer or the state, [1] flags or the choice, [2] the inner token,
/// [3] the checksum over the offer, or NegTokenInit2's hints and then [4] the checksum.
bool read_fields(Bytes fields, SpnegoToken& token) {
  while (!fields.empty()) {
    const auto field = take(fields);
    if (!field) return false;
    if (field->tag == context(0) && token.initial && !read_offer(field->content, token.mechanisms)) return false;
    if (field->tag == context(1) && !token.initial && !read_choice(field->content, token.mechanisms)) return false;
    if (field->tag == context(2)) {
      const auto inner = only(field->content, kOctetString);
      if (!inner) return false;
      token.inner = *inner;
    }
    if (field->tag == context(3)) token.has_mic = only(field->content, kOctetString).has_value();
    if (field->tag == context(4)) token.has_mic = true;
  }
  return true;
}

}  // namespace

std::optional<SpnegoToken> read_spnego(std::span<const std::byte> bytes) {
  auto outer = take(bytes);
  if (!outer) return std::nullopt;
  if (outer->tag == kApplication0) {
    Bytes framed = outer->content;
    const auto mechanism = take(framed);
    if (!mechanism || mechanism->tag != kObjectIdentifier ||
        !std::equal(mechanism->content.begin(), mechanism->content.end(), kSpnego.begin(), kSpnego.end()))
      return std::nullopt;
    outer = take(framed);
    if (!outer) return std::nullopt;
  }
  SpnegoToken token;
  token.initial = outer->tag == context(0);
  if (!token.initial && outer->tag != context(1)) return std::nullopt;
  const auto fields = only(outer->content, kSequence);
  if (!fields || !read_fields(*fields, token)) return std::nullopt;
  return token;
}

}  // namespace sspid::worker::gss
