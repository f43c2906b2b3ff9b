#include "daemon/worker/ntlm/nt_hash.h"

#include <string>

#include <gtest/gtest.h>

namespace sspid::worker::ntlm {
namespace {

std::string hash_of(std::string_view password) {
  const auto hash = nt_hash(password);
  return hash ? std::string(hash->view()) : "none";
}

TEST(NtHash, IsThatOfTheSpecification) {
  EXPECT_EQ(hash_of("Password"), "A4F49C406510BDCAB6824EE7C30FD852");  // [MS-NLMP] 4.2.2.1.2
}

TEST(NtHash, OfAnEmptyPasswordIsTheWellKnownOne) { EXPECT_EQ(hash_of(""), "31D6CFE0D16AE931B73C59D7E0C089C0"); }

TEST(NtHash, OfOtherKnownPasswords) {
  EXPECT_EQ(hash_of("password"), "8846F7EAEE8FB117AD06BDD830B7586C");
  EXPECT_EQ(hash_of("123456"), "32ED87BDB5FDC5E9CBA88547376818D4");
}

// Up to and beyond one block of MD4: 27 characters fill it with the length, 28 do not fit any more.
TEST(NtHash, DiffersForEachLength) {
  std::string before;
  for (std::size_t length = 0; length < 70; ++length) {
    const std::string now = hash_of(std::string(length, 'a'));
    EXPECT_EQ(now.size(), 32U);
    EXPECT_NE(now, before) << length;
    before = now;
  }
}

TEST(NtHash, IsMadeOfUtf16) {
  // U+1F511 is one character, two units: not the same as either half's replacement.
  EXPECT_NE(hash_of("\xF0\x9F\x94\x91"), hash_of("??"));
  EXPECT_NE(hash_of("\xC3\xA4"), hash_of("a"));
}

TEST(NtHash, NeedsUtf8) {
  for (const char* bad : {"\x80", "\xC3", "\xC3(", "\xE2\x82", "\xF0\x9F\x94", "\xFF", "\xC0\x80"})
    EXPECT_EQ(hash_of(bad), "none");
}

}  // namespace
}  // namespace sspid::worker::ntlm
