// RFC 8009 appendix A, "Sample key derivation"; RFC 3962 has no such samples, sealer_test.cpp compares with
// libk5crypto.
#include "daemon/worker/seal/key.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace sspid::worker::seal {

namespace {

struct Sample {
  std::int32_t enctype;
  const char* base;
  const char* checksum;
  const char* encryption;
  const char* integrity;
};
constexpr Sample kSamples[] = {
    {19, "3705D96080C17728A0E800EAB6E0D23C", "B31A018A48F54776F403E9A396325DC3", "9B197DD1E8C5609D6E67C3E37C62C72E",
     "9FDA0E56AB2D85E1569A688696C26A6C"},
    {20, "6D404D37FAF79F9DF0D33568D320669800EB4836472EA8A026D16B7182460C52",
     "EF5718BE86CC84963D8BBB5031E9F5C4BA41F28FAF69E73D",
     "56AB22BEE63D82D7BC5227F6773F8EA7A5EB1C825160C38312980C442E5C7E49",
     "69B16514E3CD8E56B82010D5C73012B622C4D00FFC23ED1F"},
};

std::vector<std::byte> unhex(std::string_view text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

bool equal(std::span<const std::byte> key, std::string_view expected) {
  const std::vector<std::byte> bytes = unhex(expected);
  return std::equal(key.begin(), key.end(), bytes.begin(), bytes.end());
}

TEST(Key, samples_of_rfc_8009) {
  constexpr auto kUsage = static_cast<Usage>(2);
  for (const Sample& sample : kSamples) {
    const Profile* profile = find_profile(sample.enctype);
    ASSERT_TRUE(profile);
    const Key base(unhex(sample.base));
    Key derived;
    ASSERT_TRUE(derive(*profile, base, kUsage, Purpose::checksum, derived));
    EXPECT_TRUE(equal(derived.bytes(), sample.checksum));
    ASSERT_TRUE(derive(*profile, base, kUsage, Purpose::encryption, derived));
    EXPECT_TRUE(equal(derived.bytes(), sample.encryption));
    ASSERT_TRUE(derive(*profile, base, kUsage, Purpose::integrity, derived));
    EXPECT_TRUE(equal(derived.bytes(), sample.integrity));
  }
}

TEST(Key, is_wiped) {
  alignas(Key) std::byte room[sizeof(Key)];
  const std::vector<std::byte> secret(kMaxKey, std::byte{0x5A});
  Key* key = new (room) Key(secret);
  EXPECT_TRUE(std::equal(key->bytes().begin(), key->bytes().end(), secret.begin(), secret.end()));
  key->~Key();
  EXPECT_EQ(std::search_n(std::begin(room), std::end(room), 2, std::byte{0x5A}), std::end(room));
}

TEST(Profile, other_encryption_types_are_none) {
  for (const std::int32_t enctype : {0, 1, 16, 21, 23, 25, 26, -1}) EXPECT_FALSE(find_profile(enctype)) << enctype;
}

// OpenSSL reads its configuration once per process, so a process of its own is asked.
TEST(ProfileDeathTest, none_works_where_openssl_lacks_the_algorithms) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const std::string configuration = ::testing::TempDir() + "sspid-seal-openssl.cnf";  // the same in the child
  std::ofstream(configuration) << "openssl_conf = init\n[init]\nproviders = some\n"
                                  "[some]\nbase = base\n[base]\nactivate = 1\n";
  ::setenv("OPENSSL_CONF", configuration.c_str(), 1);
  const auto working = [] {
    int count = 0;
    for (const std::int32_t enctype : {17, 18, 19, 20}) count += find_profile(enctype) != nullptr;
    return count;
  };
  EXPECT_EXIT(std::_Exit(working()), ::testing::ExitedWithCode(0), "");
  ::unsetenv("OPENSSL_CONF");
  std::remove(configuration.c_str());
  EXPECT_EXIT(std::_Exit(working()), ::testing::ExitedWithCode(4), "");
}

}  // namespace

}  // namespace sspid::worker::seal
