#include "daemon/worker/seal/header.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace sspid::worker::seal {

namespace {

constexpr std::array<std::uint8_t, kHeader> kSample{5, 4, 7, 0xFF, 1, 2, 0, 28, 9, 8, 7, 6, 5, 4, 3, 2};

std::array<std::byte, kHeader> sample() {
  std::array<std::byte, kHeader> bytes{};
  std::transform(kSample.begin(), kSample.end(), bytes.begin(), [](std::uint8_t b) { return std::byte{b}; });
  return bytes;
}

TEST(Header, fields_are_big_endian) {
  const Header header = Header::read(sample());
  EXPECT_TRUE(header.is(TokenId::wrap));
  EXPECT_TRUE(header.sealed());
  EXPECT_EQ(header.flags, 7);
  EXPECT_EQ(header.filler, 0xFF);
  EXPECT_EQ(header.extra_count, 0x0102);
  EXPECT_EQ(header.right_rotation_count, 28);
  EXPECT_EQ(header.sequence, 0x0908070605040302u);
}

TEST(Header, is_written_as_it_was_read) {
  EXPECT_EQ(Header::read(sample()).bytes(), sample());
  std::array<std::byte, kHeader> bytes{};
  for (std::byte& byte : bytes) {
    byte = std::byte{0xFF};
    EXPECT_EQ(Header::read(bytes).bytes(), bytes);
  }
}

TEST(Header, counts_are_left_out_of_checksums) {
  std::array<std::byte, kHeader> expected = sample();
  std::fill(expected.begin() + 4, expected.begin() + 8, std::byte{0});
  EXPECT_EQ(Header::read(sample()).without_counts().bytes(), expected);
}

}  // namespace

}  // namespace sspid::worker::seal
