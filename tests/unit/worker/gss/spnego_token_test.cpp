#include "daemon/worker/gss/spnego_token.h"

#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sspid::worker::gss {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes der(unsigned tag, const Bytes& content) {
  Bytes element{static_cast<std::byte>(tag)};
  if (content.size() >= 0x80) element.push_back(std::byte{0x81});
  element.push_back(static_cast<std::byte>(content.size()));
  return joined({element, content});
}

const Bytes kSpnegoOid = bytes("\x2b\x06\x01\x05\x05\x02");
const Bytes kKerberos = bytes("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02");
const Bytes kNtlm = bytes("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a");

const Bytes kOffer = der(0x30, joined({der(6, kKerberos), der(6, kNtlm)}));

Bytes init(const Bytes& fields) { return der(0x60, joined({der(6, kSpnegoOid), der(0xA0, der(0x30, fields))})); }
Bytes response(const Bytes& fields) { return der(0xA1, der(0x30, fields)); }

const Bytes kInit = init(joined({der(0xA0, kOffer), der(0xA2, der(4, bytes("token")))}));
const Bytes kResponse = response(joined({der(0xA0, der(0x0A, bytes("\x01"))), der(0xA1, der(6, kNtlm)),
                                         der(0xA2, der(4, bytes("answer"))), der(0xA3, der(4, bytes("mic")))}));

std::string text(std::span<const std::byte> view) { return {reinterpret_cast<const char*>(view.data()), view.size()}; }
std::string text(const Bytes& all) { return text(std::span<const std::byte>(all)); }

/// From a heap block of exactly its size.
bool reads(const Bytes& token) {
  const auto exact = std::make_unique<std::byte[]>(token.size());
  if (!token.empty()) std::memcpy(exact.get(), token.data(), token.size());
  return read_spnego({exact.get(), token.size()}).has_value();
}

TEST(SpnegoToken, NamesTheOfferInItsOrder) {
  const auto token = read_spnego(kInit);
  ASSERT_TRUE(token);
  EXPECT_TRUE(token->initial);
  ASSERT_EQ(token->mechanisms.size(), 2U);
  EXPECT_EQ(text(token->mechanisms[0]), text(kKerberos));
  EXPECT_EQ(text(token->mechanisms[1]), text(kNtlm));
  EXPECT_EQ(text(token->inner), "token");
  EXPECT_FALSE(token->has_mic);
}

TEST(SpnegoToken, NamesTheChoice) {
  const auto token = read_spnego(kResponse);
  ASSERT_TRUE(token);
  EXPECT_FALSE(token->initial);
  ASSERT_EQ(token->mechanisms.size(), 1U);
  EXPECT_EQ(text(token->mechanisms[0]), text(kNtlm));
  EXPECT_EQ(text(token->inner), "answer");
  EXPECT_TRUE(token->has_mic);
}

TEST(SpnegoToken, MayBeWithoutFraming) {
  const auto token = read_spnego(der(0xA0, der(0x30, der(0xA0, kOffer))));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->mechanisms.size(), 2U);
  EXPECT_TRUE(token->inner.empty());
}

TEST(SpnegoToken, HintsAreNoChecksum) {
  const auto token = read_spnego(init(joined({der(0xA0, kOffer), der(0xA3, der(0x30, bytes("hints")))})));
  ASSERT_TRUE(token);
  EXPECT_FALSE(token->has_mic);
}

TEST(SpnegoToken, IsNeverReadPartly) {
  for (const Bytes& whole : {kInit, kResponse})
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_FALSE(reads({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)})) << size;
}

TEST(SpnegoToken, IsNothingElse) {
  EXPECT_FALSE(reads(der(0x60, joined({der(6, kKerberos), der(0xA0, der(0x30, der(0xA0, kOffer)))}))));
  EXPECT_FALSE(reads(der(0xA2, der(0x30, {}))));
  EXPECT_FALSE(reads(bytes("NTLMSSP")));
  EXPECT_FALSE(reads(init(der(0xA0, der(0x30, der(4, kKerberos))))));
  EXPECT_FALSE(reads(init(der(0xA2, der(6, kKerberos)))));
}

TEST(SpnegoToken, LengthsMayNotLie) {
  for (std::size_t at = 0; at < kInit.size(); ++at)
    for (const unsigned value : {0x7Fu, 0x80u, 0x84u, 0x88u, 0xFFu}) {
      Bytes changed = kInit;
      changed[at] = static_cast<std::byte>(value);
      static_cast<void>(reads(changed));  // whatever it says, nothing outside is touched
    }
  Bytes longer = kInit;
  longer[1] = std::byte{0x7F};
  EXPECT_FALSE(reads(longer));
}

TEST(SpnegoToken, OfferHasAnEnd) {
  Bytes many;
  for (int i = 0; i < 40; ++i) many = joined({many, der(6, bytes("\x2b"))});
  EXPECT_FALSE(reads(init(der(0xA0, der(0x30, many)))));
}

}  // namespace
}  // namespace sspid::worker::gss
