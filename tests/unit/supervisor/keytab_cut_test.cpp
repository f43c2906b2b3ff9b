// Each identity gets the keys of its principals, and no byte of the others.
#include "daemon/supervisor/keytab_cut.h"

#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "bytes.h"
#include "daemon/keytab_file.h"

namespace sspid::supervisor {
namespace {

using test::ByteBuilder;
using test::Bytes;
using Names = std::vector<std::string>;

Bytes entry(std::string_view service, std::string_view host, std::string_view realm, std::string_view key) {
  ByteBuilder out;
  const auto counted = [&](std::string_view text) { out.be(static_cast<std::uint16_t>(text.size())).add(text); };
  out.be(std::uint16_t{2});
  counted(realm);
  counted(service);
  counted(host);
  out.be(std::uint32_t{1}).be(std::uint32_t{1234}).be(std::uint8_t{3}).be(std::uint16_t{18});
  counted(key);
  return out.take();
}

Bytes keytab(const std::vector<Bytes>& entries) {
  ByteBuilder out;
  out.be(kKeytabVersion2);
  for (const Bytes& bytes : entries) out.be(static_cast<std::uint32_t>(bytes.size())).add(bytes);
  return out.take();
}

const Bytes kWeb = entry("HTTP", "www", "A.TEST", "webkey");
const Bytes kOldWeb = entry("HTTP", "www", "A.TEST", "oldwebkey");
const Bytes kElsewhere = entry("HTTP", "www", "B.TEST", "bkey");
const Bytes kLdap = entry("ldap", "db", "A.TEST", "ldapkey");
const Bytes kShared = keytab({kWeb, kLdap, kOldWeb, kElsewhere});

std::optional<KeytabCut> cut(const Bytes& file, const Names& principals) {
  return cut_keytab(std::as_bytes(std::span(file)), principals);
}

std::vector<Bytes> copied(const KeytabCut& part) {
  std::vector<Bytes> all;
  for (const auto bytes : part.entries) {
    Bytes& copy = all.emplace_back(bytes.size());
    std::memcpy(copy.data(), bytes.data(), bytes.size());
  }
  return all;
}

TEST(KeytabCut, has_every_key_of_the_principals_and_no_other) {
  const auto part = cut(kShared, {"HTTP/www@A.TEST"});
  ASSERT_TRUE(part);
  EXPECT_EQ(copied(*part), (std::vector<Bytes>{kWeb, kOldWeb}));
  EXPECT_EQ(part->withheld, (Names{"ldap/db@A.TEST", "HTTP/www@B.TEST"}));
}

TEST(KeytabCut, principal_without_realm_is_meant_in_any) {
  const auto part = cut(kShared, {"HTTP/www"});
  ASSERT_TRUE(part);
  EXPECT_EQ(copied(*part), (std::vector<Bytes>{kWeb, kOldWeb, kElsewhere}));
  EXPECT_EQ(part->withheld, Names{"ldap/db@A.TEST"});
}

TEST(KeytabCut, names_are_taken_letter_by_letter) {
  for (const char* near : {"http/www", "HTTP/ww", "HTTP/www@a.test", "HTTP/*", "HTTP/www@", "HTTP"}) {
    const auto part = cut(kShared, {near});
    ASSERT_TRUE(part);
    EXPECT_TRUE(part->entries.empty()) << near;
    EXPECT_EQ(part->withheld.size(), 3U) << near << ": each principal once";
  }
}

TEST(KeytabCut, without_principals_is_the_whole) {
  const auto part = cut(kShared, {});
  ASSERT_TRUE(part);
  EXPECT_EQ(part->entries.size(), 4U);
  EXPECT_TRUE(part->withheld.empty());
}

TEST(KeytabCut, of_what_is_no_keytab_there_is_none) {
  for (std::size_t size = 0; size < kShared.size(); ++size) {
    const Bytes truncated(kShared.begin(), kShared.begin() + static_cast<std::ptrdiff_t>(size));
    const auto part = cut(truncated, {"HTTP/www"});
    EXPECT_TRUE(!part || part->entries.size() < 3) << size;
  }
}

}  // namespace
}  // namespace sspid::supervisor
