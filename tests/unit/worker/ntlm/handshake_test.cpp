// Each message in a heap block of exactly its size, so that AddressSanitizer sees one byte too many.
#include "daemon/worker/ntlm/handshake.h"

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sspid::worker::ntlm {
namespace {

using Bytes = std::vector<std::byte>;

void put(Bytes& to, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to.push_back(static_cast<std::byte>(value >> (8 * i)));
}

void put_text(Bytes& to, std::string_view text) {
  for (const char c : text) to.push_back(static_cast<std::byte>(c));
}

Bytes utf16(std::string_view text) {
  Bytes wide;
  for (const char c : text) put(wide, static_cast<unsigned char>(c), 2);
  return wide;
}

/// A message in the making: fields in the header, payload behind it.
class Writer {
 public:
  Writer(std::uint32_t type, std::size_t header) : header_(header) {
    put_text(head_, std::string_view("NTLMSSP\0", 8));
    put(head_, type, 4);
  }
  Writer& field(const Bytes& content) {
    put(head_, static_cast<std::uint32_t>(content.size()), 2);
    put(head_, static_cast<std::uint32_t>(content.size()), 2);
    put(head_, static_cast<std::uint32_t>(header_ + payload_.size()), 4);
    payload_.insert(payload_.end(), content.begin(), content.end());
    return *this;
  }
  Writer& number(std::uint32_t value, std::size_t size = 4) {
    put(head_, value, size);
    return *this;
  }
  Bytes take() {
    head_.resize(header_);
    head_.insert(head_.end(), payload_.begin(), payload_.end());
    return head_;
  }

 private:
  std::size_t header_;
  Bytes head_, payload_;
};

Bytes pair(std::uint32_t id, const Bytes& value) {
  Bytes made;
  put(made, id, 2);
  put(made, static_cast<std::uint32_t>(value.size()), 2);
  made.insert(made.end(), value.begin(), value.end());
  return made;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

const Bytes kEnd = pair(0, {});
const Bytes kPairs = joined({pair(1, utf16("SERVER")), pair(7, Bytes(8)), kEnd});

constexpr std::uint32_t kFlags = kUnicode | kSign | kSeal | kExtendedSessionSecurity | kTargetInfo | kKeyExchange;

Bytes negotiate(std::uint32_t flags = kFlags) { return Writer(1, 32).number(flags).field({}).field({}).take(); }

Bytes challenge(const Bytes& target = utf16("SERVER"), const Bytes& info = kPairs, std::uint32_t flags = kFlags) {
  return Writer(2, 48).field(target).number(flags).number(1).number(2).number(0).number(0).field(info).take();
}

Bytes ntlmv2(const Bytes& pairs = joined({kPairs, Bytes(4)})) { return joined({Bytes(16 + 28), pairs}); }

Bytes authenticate(const Bytes& lm, const Bytes& nt, const Bytes& user = utf16("alice"), const Bytes& key = Bytes(16)) {
  return Writer(3, 64 + 8 + 16)
      .field(lm)
      .field(nt)
      .field(utf16("EXAMPLE"))
      .field(user)
      .field(utf16("HOST"))
      .field(key)
      .number(kFlags)
      .take();
}

bool reads(const Bytes& message, std::uint32_t agreed = 0) {
  const auto exact = std::make_unique<std::byte[]>(message.size());
  if (!message.empty()) std::memcpy(exact.get(), message.data(), message.size());
  return read_message({exact.get(), message.size()}, agreed).has_value();
}

TEST(NtlmMessage, IsReadWithItsTypeAndFlags) {
  const auto first = read_message(negotiate(), 0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->type, MessageType::negotiate);
  EXPECT_EQ(first->flags, kFlags);
  const auto second = read_message(challenge(), 0);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->type, MessageType::challenge);
  EXPECT_EQ(second->flags, kFlags);
  const auto third = read_message(authenticate(Bytes(24), ntlmv2()), kFlags);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->type, MessageType::authenticate);
}

TEST(NtlmMessage, IsNeverReadPartly) {
  for (const Bytes& whole : {negotiate(), challenge(), authenticate(Bytes(24), ntlmv2())})
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(reads(part, kFlags)) << size << " of " << whole.size();
    }
}

TEST(NtlmMessage, HasTheSignatureAndAKnownType) {
  Bytes message = negotiate();
  message[0] = std::byte{'n'};
  EXPECT_FALSE(reads(message));
  message = negotiate();
  message[8] = std::byte{4};
  EXPECT_FALSE(reads(message));
}

// Each length and offset of each field, set to what lies outside.
TEST(NtlmMessage, FieldsStayInside) {
  struct Case {
    Bytes message;
    std::vector<std::size_t> fields;
  };
  const Case cases[] = {{challenge(), {12, 40}}, {authenticate(Bytes(24), ntlmv2()), {12, 20, 28, 36, 44, 52}}};
  for (const Case& each : cases) {
    ASSERT_TRUE(reads(each.message, kFlags));
    for (const std::size_t field : each.fields) {
      Bytes long_field = each.message;
      long_field[field] = long_field[field + 1] = std::byte{0xFF};
      EXPECT_FALSE(reads(long_field, kFlags)) << field;
      Bytes far = each.message;
      far[field + 7] = std::byte{0xFF};
      EXPECT_FALSE(reads(far, kFlags)) << field;
      Bytes into_header = each.message;
      for (std::size_t i = 4; i < 8; ++i) into_header[field + i] = std::byte{0};
      EXPECT_FALSE(reads(into_header, kFlags)) << field;
    }
  }
}

TEST(NtlmMessage, SessionKeyIsThereWhereItWasAgreed) {
  EXPECT_FALSE(reads(authenticate(Bytes(24), ntlmv2(), utf16("alice"), {}), kFlags));
  EXPECT_FALSE(reads(authenticate(Bytes(24), ntlmv2(), utf16("alice"), Bytes(15)), kFlags));
  EXPECT_TRUE(reads(authenticate(Bytes(24), ntlmv2(), utf16("alice"), {}), kFlags & ~kKeyExchange));
}

TEST(NtlmMessage, ResponsesHaveTheirSizes) {
  EXPECT_TRUE(reads(authenticate(Bytes(24), Bytes(24)), kFlags)) << "version 1: gss-ntlmssp decides";
  EXPECT_FALSE(reads(authenticate({}, Bytes(24)), kFlags));
  EXPECT_FALSE(reads(authenticate(Bytes(24), {}), kFlags));
  EXPECT_FALSE(reads(authenticate(Bytes(24), Bytes(43)), kFlags));
  EXPECT_FALSE(reads(authenticate(Bytes(7), ntlmv2()), kFlags));
  EXPECT_TRUE(reads(authenticate({}, ntlmv2()), kFlags));
}

TEST(NtlmMessage, PairsEndAndHaveTheirSizes) {
  EXPECT_FALSE(reads(challenge(utf16("S"), pair(1, utf16("SERVER"))))) << "no end";
  EXPECT_FALSE(reads(challenge(utf16("S"), joined({pair(6, Bytes(3)), kEnd})))) << "flags";
  EXPECT_FALSE(reads(challenge(utf16("S"), joined({pair(7, Bytes(9)), kEnd})))) << "time";
  EXPECT_FALSE(reads(challenge(utf16("S"), joined({pair(10, Bytes(15)), kEnd})))) << "bindings";
  EXPECT_FALSE(reads(challenge(utf16("S"), joined({pair(1, Bytes(3)), kEnd})))) << "half a letter";
  EXPECT_FALSE(reads(challenge(utf16("S"), {}))) << "promised, and not there";
  EXPECT_TRUE(reads(challenge(utf16("S"), {}, kFlags & ~kTargetInfo)));
}

TEST(NtlmMessage, NameOfTheTargetIsThereWhereItIsAnnounced) {
  for (const std::uint32_t type : {0x10000U, 0x20000U, 0x30000U}) {
    EXPECT_TRUE(reads(challenge(utf16("S"), kPairs, kFlags | type)));
    EXPECT_FALSE(reads(challenge({}, kPairs, kFlags | type))) << type;
    EXPECT_FALSE(reads(challenge({}, kPairs, (kFlags & ~kUnicode) | type))) << type;
  }
  EXPECT_TRUE(reads(challenge({}, kPairs, kFlags)));
}

TEST(NtlmMessage, NamesAreText) {
  EXPECT_FALSE(reads(authenticate(Bytes(24), ntlmv2(), Bytes(3, std::byte{1})), kFlags));
  Bytes lone_surrogate;
  put(lone_surrogate, 0xD800, 2);
  EXPECT_FALSE(reads(authenticate(Bytes(24), ntlmv2(), lone_surrogate), kFlags));
  EXPECT_FALSE(reads(authenticate(Bytes(24), ntlmv2(), utf16(std::string_view("a\0b", 3))), kFlags));
}

TEST(NtlmMessage, AnonymousHasNothingToShow) {
  EXPECT_TRUE(reads(authenticate(Bytes(1), {}, {}), kFlags));
  EXPECT_FALSE(reads(authenticate(Bytes(24), ntlmv2(), {}), kFlags));
}

TEST(NtlmMessage, HasNoDatagrams) {
  EXPECT_FALSE(reads(negotiate(kFlags | kDatagram)));
  EXPECT_FALSE(reads(challenge(utf16("S"), kPairs, kFlags | kDatagram)));
}

TEST(NtlmMessage, ProtectsSoundlyWithExtendedSessionSecurityOnly) {
  EXPECT_TRUE(protects_soundly(kFlags));
  EXPECT_TRUE(protects_soundly(kUnicode));
  EXPECT_FALSE(protects_soundly(kSign));
  EXPECT_FALSE(protects_soundly(kSeal | kUnicode));
}

}  // namespace
}  // namespace sspid::worker::ntlm
