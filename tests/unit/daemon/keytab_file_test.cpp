#include "daemon/keytab_file.h"

#include <cstring>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/bytes.h"

namespace sspid {
namespace {

using test::ByteBuilder;
using test::Bytes;
using namespace std::string_view_literals;

/// What of an entry can differ. Numbers that are not given are those of a usual entry.
struct Entry {
  std::string_view realm = "EXAMPLE.TEST";
  std::vector<std::string_view> components = {"host", "www.example.test"};
  std::uint8_t version = 3;
  std::vector<std::uint32_t> wide_version = {};
};

ByteBuilder& counted(ByteBuilder& out, std::string_view text) {
  return out.be(static_cast<std::uint16_t>(text.size())).add(text);
}

Bytes record(const Entry& entry) {
  ByteBuilder out;
  out.be(static_cast<std::uint16_t>(entry.components.size()));
  counted(out, entry.realm);
  for (const auto component : entry.components) counted(out, component);
  out.be(std::uint32_t{1}).be(std::uint32_t{1234}).be(entry.version).be(std::uint16_t{18});
  counted(out, "0123456789abcdef0123456789abcdef");
  for (const std::uint32_t version : entry.wide_version) out.be(version);
  return out.take();
}

ByteBuilder keytab() { return ByteBuilder().be(std::uint16_t{0x0502}); }

ByteBuilder& add(ByteBuilder& out, const Bytes& record) {
  return out.be(static_cast<std::uint32_t>(record.size())).add(record);
}

Bytes with(const Entry& entry) {
  ByteBuilder out = keytab();
  return add(out, record(entry)).take();
}

/// In a block of exactly its size, so that AddressSanitizer sees a byte too many.
class Decoded {
 public:
  explicit Decoded(const Bytes& file) : bytes_(new std::byte[file.size()]) {
    if (!file.empty()) std::memcpy(bytes_.get(), file.data(), file.size());
    entries = decode_keytab({bytes_.get(), file.size()});
  }
  std::optional<std::vector<KeytabFileEntry>> entries;

 private:
  std::unique_ptr<std::byte[]> bytes_;
};

TEST(KeytabFile, tells_every_field_of_an_entry) {
  const Decoded decoded(with({}));
  ASSERT_TRUE(decoded.entries);
  ASSERT_EQ(decoded.entries->size(), 1U);
  const KeytabFileEntry& entry = decoded.entries->front();
  EXPECT_EQ(entry.realm, "EXAMPLE.TEST");
  EXPECT_EQ(entry.components, (std::vector{"host"sv, "www.example.test"sv}));
  EXPECT_EQ(entry.name_type, 1);
  EXPECT_EQ(entry.timestamp, 1234U);
  EXPECT_EQ(entry.version, 3U);
  EXPECT_EQ(entry.enctype, 18);
  EXPECT_EQ(entry.key.size(), 32U);
}

TEST(KeytabFile, takes_the_wide_version_where_there_is_one) {
  EXPECT_EQ(Decoded(with({.wide_version = {300}})).entries->front().version, 300U);
  EXPECT_EQ(Decoded(with({.wide_version = {0}})).entries->front().version, 3U);
}

TEST(KeytabFile, skips_what_was_deleted_and_ends_at_what_was_never_written) {
  ByteBuilder out = keytab();
  out.be(static_cast<std::uint32_t>(-5)).zeros(5);
  add(out, record({.version = 7}));
  out.be(std::uint32_t{0}).add("whatever");
  const Decoded decoded(out.take());
  ASSERT_TRUE(decoded.entries);
  ASSERT_EQ(decoded.entries->size(), 1U);
  EXPECT_EQ(decoded.entries->front().version, 7U);
}

TEST(KeytabFile, may_be_empty) {
  const Decoded decoded(keytab().take());
  ASSERT_TRUE(decoded.entries);
  EXPECT_TRUE(decoded.entries->empty());
}

TEST(KeytabFile, refuses_every_truncation) {
  const Bytes whole = with({});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    if (length == 2) continue;  // an empty keytab
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(Decoded(cut).entries) << length;
  }
}

TEST(KeytabFile, refuses_every_record_that_is_too_short_by_its_own_word) {
  const Bytes whole = record({});
  for (std::size_t length = 1; length < whole.size(); ++length) {
    ByteBuilder out = keytab();
    out.be(static_cast<std::uint32_t>(length)).add(whole);
    EXPECT_FALSE(Decoded(out.take()).entries) << length;
  }
}

TEST(KeytabFile, refuses_other_versions_and_lengths_that_overflow) {
  Bytes older = with({});
  older[1] = 1;
  EXPECT_FALSE(Decoded(older).entries);
  for (const std::uint32_t length : {0x7FFFFFFFU, 0x80000000U, 0x80000001U, 0xFFFFFFFFU}) {
    ByteBuilder out = keytab();
    EXPECT_FALSE(Decoded(out.be(length).take()).entries) << length;
  }
}

TEST(KeytabFile, refuses_names_that_no_principal_has) {
  EXPECT_FALSE(Decoded(with({.components = {}})).entries);
  EXPECT_FALSE(Decoded(with({.components = std::vector<std::string_view>(17, "x")})).entries);
  EXPECT_FALSE(Decoded(with({.realm = "EXAMPLE\0TEST"sv})).entries);
  EXPECT_FALSE(Decoded(with({.components = {"ho\0st"sv}})).entries);
}

}  // namespace
}  // namespace sspid
