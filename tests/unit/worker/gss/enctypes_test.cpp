#include "daemon/worker/gss/enctypes.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <krb5/krb5.h>

namespace sspid::worker::gss {
namespace {

constexpr std::int32_t kKnown[] = {16, 17, 18, 19, 20, 23, 25, 26};

std::string in_capitals(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

TEST(Enctypes, KnowsNoOthers) {
  for (std::int32_t number = -200; number < 200; ++number) {
    const bool known = std::find(std::begin(kKnown), std::end(kKnown), number) != std::end(kKnown);
    EXPECT_EQ(find_enctype(number) != nullptr, known) << number;
  }
}

// Asked for a checksum of no particular type, libkrb5 takes the one that goes with the key.
TEST(Enctypes, AgreesWithLibkrb5OnChecksums) {
  for (const std::int32_t number : kKnown) {
    krb5_keyblock key{};
    krb5_checksum checksum{};
    const krb5_data message{KV5M_DATA, 0, nullptr};
    ASSERT_EQ(krb5_c_make_random_key(nullptr, number, &key), 0) << number;
    ASSERT_EQ(krb5_c_make_checksum(nullptr, 0, &key, 1, &message, &checksum), 0) << number;
    EXPECT_EQ(find_enctype(number)->checksum, checksum.checksum_type) << number;
    krb5_free_checksum_contents(nullptr, &checksum);
    krb5_free_keyblock_contents(nullptr, &key);
  }
}

TEST(Enctypes, AgreesWithLibkrb5OnKeySizes) {
  for (const std::int32_t number : kKnown) {
    std::size_t random = 0, length = 0;
    ASSERT_EQ(krb5_c_keylengths(nullptr, number, &random, &length), 0) << number;
    EXPECT_EQ(find_enctype(number)->key_bits, random * 8) << number;
  }
}

TEST(Enctypes, NamesAreUnderstoodByLibkrb5) {
  for (const std::int32_t number : kKnown) {
    krb5_enctype enctype = 0;
    std::string name = find_enctype(number)->name;
    ASSERT_EQ(krb5_string_to_enctype(name.data(), &enctype), 0) << name;
    EXPECT_EQ(enctype, number) << name;
    EXPECT_EQ(name, in_capitals(name));
  }
}

TEST(Enctypes, PadsWithBlockCiphersInCbcModeOnly) {
  for (const std::int32_t number : kKnown) EXPECT_EQ(find_enctype(number)->block_size, number == 16 ? 8U : 1U);
}

}  // namespace
}  // namespace sspid::worker::gss
