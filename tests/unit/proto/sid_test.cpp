#include "proto/sid.h"

#include <memory>

#include <gtest/gtest.h>

namespace sspid::proto {
namespace {

Sid sid(std::uint64_t authority, std::initializer_list<std::uint32_t> parts) {
  Sid sid{.authority = authority, .count = 0, .subauthorities = {}};
  for (const std::uint32_t part : parts) sid = *sid.below(part);
  return sid;
}

std::vector<std::byte> encoded(const Sid& sid) {
  std::vector<std::byte> bytes;
  append(sid, bytes);
  return bytes;
}

TEST(Sid, is_written_as_windows_writes_it) {
  EXPECT_EQ(to_text(sid(5, {32, 544})), "S-1-5-32-544");
  EXPECT_EQ(to_text(sid(5, {21, 1, 4294967295, 500})), "S-1-5-21-1-4294967295-500");
  EXPECT_EQ(to_text(sid(0, {})), "S-1-0");
  EXPECT_EQ(to_text(sid(0xFFFFFFFF, {0})), "S-1-4294967295-0");
  EXPECT_EQ(to_text(sid(0x123456789ABC, {7})), "S-1-0x123456789ABC-7");
  EXPECT_EQ(to_text(sid(0x100000000, {})), "S-1-0x000100000000");
}

TEST(Sid, has_the_bytes_of_MS_DTYP) {
  const std::vector<std::byte> administrators{std::byte{1},    std::byte{2}, std::byte{0}, std::byte{0},
                                              std::byte{0},    std::byte{0}, std::byte{0}, std::byte{5},
                                              std::byte{32},   std::byte{0}, std::byte{0}, std::byte{0},
                                              std::byte{0x20}, std::byte{2}, std::byte{0}, std::byte{0}};
  EXPECT_EQ(encoded(sid(5, {32, 544})), administrators);
}

TEST(Sid, comes_back_as_it_went_one_behind_the_other) {
  const Sid first = sid(0x123456789ABC, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  const Sid second = sid(5, {32, 544});
  std::vector<std::byte> bytes = encoded(first);
  append(second, bytes);
  std::span<const std::byte> rest(bytes);
  EXPECT_EQ(take_sid(rest), first);
  EXPECT_EQ(take_sid(rest), second);
  EXPECT_TRUE(rest.empty());
  EXPECT_FALSE(take_sid(rest));
}

TEST(Sid, has_no_more_than_fifteen_parts) {
  const Sid full = sid(5, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  EXPECT_FALSE(full.below(16));
  std::vector<std::byte> bytes = encoded(full);
  bytes.resize(bytes.size() + 4);
  bytes[1] = std::byte{16};
  std::span<const std::byte> rest(bytes);
  EXPECT_FALSE(take_sid(rest));
}

TEST(Sid, every_truncation_and_other_revisions_are_refused) {
  std::vector<std::byte> bytes = encoded(sid(5, {32, 544}));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::unique_ptr<std::byte[]> block(new std::byte[size]);
    std::copy_n(bytes.begin(), size, block.get());
    std::span<const std::byte> rest(block.get(), size);
    EXPECT_FALSE(take_sid(rest)) << size;
    EXPECT_EQ(rest.size(), size);
  }
  bytes[0] = std::byte{2};
  std::span<const std::byte> rest(bytes);
  EXPECT_FALSE(take_sid(rest));
}

}  // namespace
}  // namespace sspid::proto
