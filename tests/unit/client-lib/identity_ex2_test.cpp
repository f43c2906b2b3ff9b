#include "client-lib/identity_ex2.h"

#include <string>

#include <gtest/gtest.h>

#include "exact.h"
#include "tests/support/ex2.h"

namespace sspi {
namespace {

namespace support = sspid::test;
using support::LongSize;
using test::Exact;

std::string text(const std::optional<Secret>& secret) {
  if (!secret) return "(none)";
  const auto bytes = secret->bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

SECURITY_STATUS parse(const support::Bytes& block, Identity& identity) {
  const Exact exact(block.data(), block.size());
  return parse_ex2(exact.span(), identity);
}

SECURITY_STATUS parse(const support::Bytes& block) {
  Identity identity;
  return parse(block, identity);
}

SECURITY_STATUS parse_packed(const support::Bytes& packed, Identity& identity) {
  return parse(support::ex2({.user = support::utf16(u"u"), .packed_credentials = packed}), identity);
}

support::Bytes usual_block() {
  return support::ex2({.user = support::utf16(u"zoë"),
                       .domain = support::utf16(u"EXAMPLE.TEST"),
                       .packed_credentials = support::packed_password(u"p€\U0001F511"),
                       .package_list = support::utf16(u"!ntlm")});
}

/// The block with another number in one of its header's fields.
template <class T>
support::Bytes with(support::Bytes block, T SEC_WINNT_AUTH_IDENTITY_EX2::*field, std::uint64_t value) {
  SEC_WINNT_AUTH_IDENTITY_EX2 header;
  std::memcpy(&header, block.data(), sizeof header);
  header.*field = static_cast<T>(value);
  std::memcpy(block.data(), &header, sizeof header);
  return block;
}

TEST(IdentityEx2, finds_its_pieces_by_offset_and_length) {
  Identity identity;
  ASSERT_EQ(parse(usual_block(), identity), SEC_E_OK);
  EXPECT_EQ(identity.user, "zo\xC3\xAB");
  EXPECT_EQ(identity.domain, "EXAMPLE.TEST");
  EXPECT_EQ(text(identity.password), "p\xE2\x82\xAC\xF0\x9F\x94\x91");
  EXPECT_EQ(identity.package_list, "!ntlm");
  EXPECT_FALSE(identity.keytab);
}

TEST(IdentityEx2, is_read_by_parse_identity_at_any_address) {
  support::Bytes shifted{0};
  const support::Bytes block = usual_block();
  shifted.insert(shifted.end(), block.begin(), block.end());
  const Exact exact(shifted.data(), shifted.size());
  Identity identity;
  ASSERT_EQ(parse_identity(static_cast<std::byte*>(exact.data()) + 1, identity), SEC_E_OK);
  EXPECT_EQ(identity.user, "zo\xC3\xAB");
}

TEST(IdentityEx2, takes_strings_as_utf16_unless_the_flags_say_ansi) {
  for (const ULONG flags : {0u, 2u, 4u}) {
    Identity identity;
    ASSERT_EQ(parse(support::ex2({.user = support::utf16(u"bob"), .flags = flags}), identity), SEC_E_OK);
    EXPECT_EQ(identity.user, "bob") << flags;
  }
  Identity identity;
  ASSERT_EQ(parse(support::ex2({.user = support::bytes_of("bob"),
                                .packed_credentials = support::packed_password(u"pw"),
                                .flags = SEC_WINNT_AUTH_IDENTITY_ANSI}),
                  identity),
            SEC_E_OK);
  EXPECT_EQ(identity.user, "bob");
  EXPECT_EQ(text(identity.password), "pw");
  EXPECT_EQ(parse(support::ex2({.user = support::bytes_of("bob"), .flags = 3})), SEC_E_INVALID_PARAMETER);
}

TEST(IdentityEx2, reads_packed_credentials_with_both_sizes_of_header) {
  for (const LongSize size : {LongSize::four, LongSize::eight}) {
    Identity with_password;
    ASSERT_EQ(parse_packed(support::packed_password(u"secret", size), with_password), SEC_E_OK);
    EXPECT_EQ(text(with_password.password), "secret");
    Identity with_keytab;
    ASSERT_EQ(parse_packed(support::packed_keytab(support::bytes_of("\x05\x02..."), size), with_keytab), SEC_E_OK);
    EXPECT_EQ(text(with_keytab.keytab), "\x05\x02...");
    EXPECT_FALSE(with_keytab.password);
  }
}

TEST(IdentityEx2, finds_a_password_that_is_described_instead_of_given) {
  for (const LongSize size : {LongSize::four, LongSize::eight}) {
    const std::uint16_t header = size == LongSize::four ? 28 : 48;
    const std::uint16_t vector = size == LongSize::four ? 8 : 16;
    support::ByteBuilder data;
    data.le(std::uint32_t{header} + vector).zeros(vector / 2u - 4).le(std::uint16_t{6}).zeros(vector / 2u - 2);
    support::Bytes packed =
        support::packed(SEC_WINNT_AUTH_DATA_TYPE_PASSWORD, data.add(support::utf16(u"abc")).take(), size);
    packed[size == LongSize::four ? 24 : 40] = static_cast<std::uint8_t>(vector);  // CredData is the vector alone
    Identity identity;
    ASSERT_EQ(parse_packed(packed, identity), SEC_E_OK);
    EXPECT_EQ(text(identity.password), "abc");
  }
  // … and four letters are four letters.
  Identity identity;
  ASSERT_EQ(parse_packed(support::packed_password(u"abcd"), identity), SEC_E_OK);
  EXPECT_EQ(text(identity.password), "abcd");
}

TEST(IdentityEx2, tells_no_password_from_an_empty_one) {
  Identity none;
  ASSERT_EQ(parse(support::ex2({.user = support::utf16(u"u")}), none), SEC_E_OK);
  EXPECT_FALSE(none.password);
  Identity empty;
  ASSERT_EQ(parse_packed(support::packed_password(u""), empty), SEC_E_OK);
  ASSERT_TRUE(empty.password);
  EXPECT_EQ(empty.password->size(), 0u);
}

TEST(IdentityEx2, refuses_other_kinds_of_credentials) {
  Identity identity;
  EXPECT_EQ(parse_packed(support::packed(SEC_WINNT_AUTH_DATA_TYPE_CERT, support::bytes_of("x")), identity),
            SEC_E_UNKNOWN_CREDENTIALS);
}

TEST(IdentityEx2, refuses_every_truncation) {
  const support::Bytes whole = usual_block();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(parse({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)}), SEC_E_INVALID_PARAMETER)
        << length;
    if (length >= sizeof(SEC_WINNT_AUTH_IDENTITY_EX2)) {
      const auto shorter = with(whole, &SEC_WINNT_AUTH_IDENTITY_EX2::cbStructureLength, length);
      EXPECT_EQ(parse(shorter), SEC_E_INVALID_PARAMETER) << length;
    }
  }
  support::Bytes longer = whole;
  longer.push_back(0);
  EXPECT_EQ(parse(longer), SEC_E_OK);
}

TEST(IdentityEx2, refuses_every_truncation_of_packed_credentials) {
  for (const LongSize size : {LongSize::four, LongSize::eight}) {
    const support::Bytes whole = support::packed_password(u"secret", size);
    for (std::size_t length = 1; length < whole.size(); ++length) {
      Identity identity;
      support::Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_EQ(parse_packed(cut, identity), SEC_E_INVALID_PARAMETER) << length;
      if (length < 4) continue;
      cut = whole;  // by its own word
      cut[2] = static_cast<std::uint8_t>(length);
      EXPECT_EQ(parse_packed(cut, identity), SEC_E_INVALID_PARAMETER) << length;
    }
  }
}

TEST(IdentityEx2, refuses_pieces_outside_the_structure_or_inside_its_header) {
  using Form = SEC_WINNT_AUTH_IDENTITY_EX2;
  const support::Bytes whole = usual_block();
  for (std::uint32_t Form::*const offset :
       {&Form::UserOffset, &Form::DomainOffset, &Form::PackedCredentialsOffset, &Form::PackageListOffset})
    for (const std::size_t value : {std::size_t{0}, std::size_t{47}, whole.size() - 1, whole.size(), whole.size() + 1,
                                    std::size_t{0xFFFFFFFF}, std::size_t{0xFFFFFFFE}})
      EXPECT_EQ(parse(with(whole, offset, value)), SEC_E_INVALID_PARAMETER) << value;
  for (std::uint16_t Form::*const length :
       {&Form::UserLength, &Form::DomainLength, &Form::PackedCredentialsLength, &Form::PackageListLength})
    EXPECT_EQ(parse(with(whole, length, 0xFFFF)), SEC_E_INVALID_PARAMETER);
}

TEST(IdentityEx2, gives_nothing_no_place) {
  const auto block =
      with(support::ex2({.user = support::utf16(u"u")}), &SEC_WINNT_AUTH_IDENTITY_EX2::DomainOffset, 0xFFFFFFFF);
  EXPECT_EQ(parse(block), SEC_E_OK);
}

TEST(IdentityEx2, refuses_headers_that_are_too_short_or_too_long) {
  using Form = SEC_WINNT_AUTH_IDENTITY_EX2;
  const support::Bytes whole = usual_block();
  EXPECT_EQ(parse(with(whole, &Form::Version, 0x200)), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(parse(with(whole, &Form::cbHeaderLength, sizeof(Form) - 1)), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(parse(with(whole, &Form::cbHeaderLength, 0xFFFF)), SEC_E_INVALID_PARAMETER);
  for (const std::size_t length : {std::size_t{0}, sizeof(Form) - 1, kMaxEx2 + 1, std::size_t{0xFFFFFFFF}}) {
    const support::Bytes block = with(whole, &Form::cbStructureLength, length);
    EXPECT_TRUE(ex2_at(block.data()).empty()) << length;
    EXPECT_EQ(parse(block), SEC_E_INVALID_PARAMETER) << length;
  }
  Identity identity;
  for (const unsigned header : {0u, 27u, 255u}) {
    support::Bytes packed = support::packed_password(u"secret");
    packed[0] = static_cast<std::uint8_t>(header);
    EXPECT_EQ(parse_packed(packed, identity), SEC_E_INVALID_PARAMETER) << header;
  }
}

TEST(IdentityEx2, refuses_text_that_is_malformed_or_holds_a_nul) {
  using namespace std::string_view_literals;
  for (const std::u16string_view bad : {u"a\0b"sv, std::u16string_view(u"\xD800x", 2)}) {
    EXPECT_EQ(parse(support::ex2({.user = support::utf16(bad)})), SEC_E_INVALID_PARAMETER);
    EXPECT_EQ(parse(support::ex2({.domain = support::utf16(bad)})), SEC_E_INVALID_PARAMETER);
    EXPECT_EQ(parse(support::ex2({.package_list = support::utf16(bad)})), SEC_E_INVALID_PARAMETER);
    Identity identity;
    EXPECT_EQ(parse_packed(support::packed_password(bad), identity), SEC_E_INVALID_PARAMETER);
  }
  EXPECT_EQ(parse(support::ex2({.user = {0x61}})), SEC_E_INVALID_PARAMETER) << "half a character";
  EXPECT_EQ(parse(support::ex2({.user = support::bytes_of("a\xFF"), .flags = SEC_WINNT_AUTH_IDENTITY_ANSI})),
            SEC_E_INVALID_PARAMETER);
}

TEST(IdentityEx2, refuses_what_is_still_encrypted) {
  for (const ULONG flag : {0x10u, 0x20u, 0x40u, 0x80u}) {
    const support::Bytes block = support::ex2({.user = support::utf16(u"u"),
                                               .packed_credentials = {1, 2, 3},
                                               .flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | flag});
    EXPECT_EQ(parse(block), SEC_E_INVALID_PARAMETER) << flag;
    const Exact exact(block.data(), block.size());
    EXPECT_TRUE(is_valid_ex2(exact.span())) << flag;
  }
  const support::Bytes bad = support::ex2({.user = support::utf16(u"u"), .packed_credentials = {1, 2, 3}});
  EXPECT_FALSE(is_valid_ex2(Exact(bad.data(), bad.size()).span()));
}

}  // namespace
}  // namespace sspi
