#include "daemon/worker/password.h"

#include <limits>

#include <gtest/gtest.h>
#include <krb5/krb5.h>

#include "tests/support/bytes.h"

namespace sspid::worker {
namespace {

using test::ByteBuilder;
using test::Bytes;

std::optional<PasswordRules> decode(const Bytes& answer) {
  return decode_password_rules(std::as_bytes(std::span(answer)));
}

Bytes rules(std::uint32_t length, std::uint64_t max_age) {
  return ByteBuilder()
      .be(std::uint16_t{0})
      .be(length)
      .be(std::uint32_t{24})
      .be(std::uint32_t{0x11})
      .be(max_age)
      .be(std::uint64_t{5})
      .take();
}

TEST(PasswordRules, are_read_from_a_domain_controllers_answer) {
  const auto decoded = decode(rules(7, 42));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->min_length, 7);
  EXPECT_EQ(decoded->history, 24);
  EXPECT_EQ(decoded->properties, 0x11U);
  EXPECT_EQ(decoded->max_age, -42);
  EXPECT_EQ(decoded->min_age, -5);
}

TEST(PasswordRules, keep_never_and_numbers_beyond_their_fields) {
  const auto decoded = decode(rules(100'000, std::uint64_t{1} << 63));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->min_length, 0xFFFF);
  EXPECT_EQ(decoded->max_age, std::numeric_limits<std::int64_t>::min());
}

TEST(PasswordRules, are_not_seen_in_texts) {
  const Bytes whole = rules(7, 42);
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(decode({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)})) << length;
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(decode(longer));
  EXPECT_FALSE(decode(test::bytes_of("New password is too short, so.")));  // 30 letters
}

TEST(PasswordStatus, follows_the_result_codes) {
  EXPECT_EQ(password_status(KRB5_KPASSWD_SUCCESS), SEC_E_OK);
  EXPECT_EQ(password_status(KRB5_KPASSWD_MALFORMED), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(password_status(KRB5_KPASSWD_HARDERROR), SEC_E_INTERNAL_ERROR);
  EXPECT_EQ(password_status(KRB5_KPASSWD_AUTHERROR), SEC_E_LOGON_DENIED);
  EXPECT_EQ(password_status(KRB5_KPASSWD_SOFTERROR), STATUS_PASSWORD_RESTRICTION);
  EXPECT_EQ(password_status(KRB5_KPASSWD_ACCESSDENIED), SEC_E_NOT_OWNER);
  EXPECT_EQ(password_status(KRB5_KPASSWD_BAD_VERSION), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(password_status(KRB5_KPASSWD_INITIAL_FLAG_NEEDED), SEC_E_LOGON_DENIED);
  EXPECT_EQ(password_status(99), SEC_E_INTERNAL_ERROR);
}

}  // namespace
}  // namespace sspid::worker
