#include "daemon/worker/pac.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include <gtest/gtest.h>

#include "proto/limits.h"

namespace sspid::worker {
namespace {

using Bytes = std::vector<std::uint8_t>;

// What the KDC of Samba 4.17 put into a ticket of alice, a member of three groups.
constexpr const char* kCaptured =
    "01100800ccccccccb00100000000000000000200"
    "0000000000000000ffffffffffffff7fffffffff"
    "ffffff7f12a9bc0e9479dd01126926395d7add01"
    "12291604959add010a000a000400020000000000"
    "08000200000000000c0002000000000010000200"
    "0000000014000200000000001800020000000000"
    "4e04000001020000040000001c00020020000000"
    "0000000000000000000000000000000004000600"
    "2000020004000600240002002800020000000000"
    "0000000010000000000000000000000000000000"
    "0000000000000000000000000000000001000000"
    "2c00020000000000000000000000000005000000"
    "000000000500000061006c006900630065000000"
    "0000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000"
    "0400000001020000070000005104000007000000"
    "5304000007000000520400000700000003000000"
    "0000000002000000440043000300000000000000"
    "0200000041004400040000000104000000000005"
    "150000004d4aa527dbc191e3cd604c6c01000000"
    "3000020007000000010000000101000000000012"
    "0100000000000000";

// Places in it: the structure's own members, then what they point to.
constexpr std::size_t kLogoffTime = 0x1C, kEffectiveName = 0x44, kUserId = 0x78, kGroupCount = 0x80, kUserFlags = 0x88,
                      kDomainPointer = 0xAC, kResourceDomain = 0xE0, kNameText = 0xF8, kGroupList = 0x140,
                      kDomainSid = 0x184, kExtraList = 0x1A0, kEnd = 0x1BC;

Bytes captured() {
  Bytes bytes;
  for (const char* at = kCaptured; *at != 0; at += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(std::string(at, 2), nullptr, 16)));
  return bytes;
}

void put(Bytes& bytes, std::size_t at, std::uint32_t number) {
  for (std::size_t i = 0; i < 4; ++i) bytes.at(at + i) = static_cast<std::uint8_t>(number >> (8 * i));
}

void add(Bytes& bytes, std::uint32_t number) {
  bytes.resize(bytes.size() + 4);
  put(bytes, bytes.size() - 4, number);
}

// From a heap block of exactly the bytes' size.
std::optional<LogonInfo> read(const Bytes& bytes) {
  const std::unique_ptr<std::byte[]> block(new std::byte[bytes.size()]);
  if (!bytes.empty()) std::memcpy(block.get(), bytes.data(), bytes.size());
  return read_logon_info({block.get(), bytes.size()});
}

Bytes changed(std::size_t at, std::uint32_t number) {
  Bytes bytes = captured();
  put(bytes, at, number);
  return bytes;
}

std::vector<std::string> texts(const std::vector<proto::Sid>& sids) {
  std::vector<std::string> result;
  for (const proto::Sid& sid : sids) result.push_back(to_text(sid));
  return result;
}

const std::string kDomain = "S-1-5-21-665143885-3817980379-1816944845-";

TEST(Pac, tells_user_and_groups) {
  const auto info = read(captured());
  ASSERT_TRUE(info);
  EXPECT_EQ(info->name, "alice");
  EXPECT_EQ(info->domain, "AD");
  EXPECT_EQ(to_text(info->user), kDomain + "1102");
  EXPECT_EQ(to_text(info->primary_group), kDomain + "513");
  EXPECT_EQ(texts(info->groups),
            (std::vector<std::string>{kDomain + "1105", kDomain + "1107", kDomain + "1106", "S-1-18-1"}));
}

TEST(Pac, tells_times_in_seconds_since_1970) {
  const auto info = read(captured());
  ASSERT_TRUE(info);
  EXPECT_EQ(info->logoff, proto::kNever);
  EXPECT_EQ(info->kick_off, proto::kNever);
  EXPECT_EQ(info->password_must_change, 1798879270);  // 2027-01-02, 42 days after the account was made

  Bytes bytes = captured();
  put(bytes, kLogoffTime, 0xD53E8000);  // 116444736000000000 ticks: 1970
  put(bytes, kLogoffTime + 4, 0x019DB1DE);
  EXPECT_EQ(read(bytes)->logoff, 0);
  put(bytes, kLogoffTime, 0);
  put(bytes, kLogoffTime + 4, 0);
  EXPECT_EQ(read(bytes)->logoff, proto::kNever);
  put(bytes, kLogoffTime, 0xFFFFFFFF);
  put(bytes, kLogoffTime + 4, 0xFFFFFFFF);
  EXPECT_EQ(read(bytes)->logoff, proto::kNever);
}

TEST(Pac, user_without_id_is_the_first_extra_sid) {
  const auto info = read(changed(kUserId, 0));
  ASSERT_TRUE(info);
  EXPECT_EQ(to_text(info->user), "S-1-18-1");
  EXPECT_EQ(info->groups.size(), 3U);
}

/// The captured one with a group of the resource's domain S-1-5-21-9.
Bytes with_resource_group() {
  Bytes bytes = captured();
  bytes.resize(kEnd);
  put(bytes, kResourceDomain, 1);
  put(bytes, kResourceDomain + 4, 1);
  put(bytes, kResourceDomain + 8, 1);
  for (const std::uint32_t number : {2U, 0x0201U, 0x05000000U, 21U, 9U, 1U, 4711U, 7U}) add(bytes, number);
  put(bytes, 8, static_cast<std::uint32_t>(bytes.size() - 16));
  return bytes;
}

TEST(Pac, groups_of_the_resource_count_where_the_flags_say_so) {
  Bytes bytes = with_resource_group();
  ASSERT_TRUE(read(bytes));
  EXPECT_EQ(read(bytes)->groups.size(), 4U);
  put(bytes, kUserFlags, 0x220);
  ASSERT_TRUE(read(bytes));
  EXPECT_EQ(to_text(read(bytes)->groups.back()), "S-1-5-21-9-4711");
}

TEST(Pac, every_truncation_is_refused) {
  const Bytes whole = captured();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(read(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)))) << size;
}

TEST(Pac, every_truncation_that_owns_up_to_it_is_refused) {
  const Bytes whole = with_resource_group();
  for (std::size_t size = 16; size < whole.size(); ++size) {
    Bytes bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    put(bytes, 8, static_cast<std::uint32_t>(size - 16));
    EXPECT_FALSE(read(bytes)) << size;
  }
}

struct Wrong {
  const char* what;
  std::size_t at;
  std::uint32_t value;
};

TEST(Pac, contradictions_are_refused) {
  for (const Wrong& wrong : {
           Wrong{"another version", 0, 0x00081002},
           Wrong{"big-endian", 0, 0x00080001},
           Wrong{"another length of header", 0, 0x00101001},
           Wrong{"more than there is", 8, 0x1B1},
           Wrong{"nothing at all", 0x10, 0},
           Wrong{"an odd length of the name", kEffectiveName, 0x000A0009},
           Wrong{"another length of the name", kEffectiveName, 0x000A0008},
           Wrong{"more name than room", kNameText - 12, 4},
           Wrong{"a name that begins later", kNameText - 8, 1},
           Wrong{"a lone surrogate", kNameText, 0xD800},
           Wrong{"half a pair", kNameText, 0x0041D800},
           Wrong{"a pair the wrong way round", kNameText, 0xD800DC00},
           Wrong{"a NUL in the name", kNameText, 0x00410000},
           Wrong{"more groups than there are", kGroupCount, 5},
           Wrong{"fewer groups than there are", kGroupCount, 3},
           Wrong{"a list of other length", kGroupList, 5},
           Wrong{"groups without end", kGroupList, 0xFFFFFFFF},
           Wrong{"no domain", kDomainPointer, 0},
           Wrong{"a SID of another length", kDomainSid, 5},
           Wrong{"a SID without end", kDomainSid, 0x40000001},
           Wrong{"a SID of too many parts", kDomainSid + 4, 0x00001001},
           Wrong{"a SID of another revision", kDomainSid + 4, 0x00000402},
           Wrong{"extra SIDs without end", kExtraList, 0x20000001},
       })
    EXPECT_FALSE(read(changed(wrong.at, wrong.value))) << wrong.what;
}

TEST(Pac, names_are_text) {
  Bytes bytes = captured();
  put(bytes, kNameText, 0xDE00D83D);      // U+1F600
  put(bytes, kNameText + 4, 0x20AC00E9);  // U+00E9, U+20AC
  const auto info = read(bytes);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->name,
            "\xF0\x9F\x98\x80\xC3\xA9\xE2\x82\xAC"
            "e");
}

TEST(Pac, more_groups_than_anybody_has_are_refused) {
  for (const std::uint32_t count : {std::uint32_t{proto::kMaxSids} - 1, std::uint32_t{proto::kMaxSids} + 1}) {
    Bytes bytes = captured();
    const Bytes rest(bytes.begin() + kGroupList + 4 + 4 * 8, bytes.end());
    bytes.resize(kGroupList);
    put(bytes, kGroupCount, count);
    add(bytes, count);
    for (std::uint32_t i = 0; i < count; ++i) {
      add(bytes, 2000 + i);
      add(bytes, 7);
    }
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    put(bytes, 8, static_cast<std::uint32_t>(bytes.size() - 16));
    EXPECT_EQ(read(bytes).has_value(), count < proto::kMaxSids) << count;
  }
}

}  // namespace
}  // namespace sspid::worker
