#include "daemon/worker/seal/confounder.h"

#include <array>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace sspid::worker::seal {

namespace {

using Block = std::array<std::byte, kBlock>;

std::vector<Block> draw(std::size_t count) {
  std::vector<Block> blocks(count);
  for (Block& block : blocks) EXPECT_TRUE(draw_confounder(block));
  return blocks;
}

// More than a reserve holds, in two threads with reserves of their own.
TEST(Confounder, no_two_are_alike) {
  constexpr std::size_t kCount = 1000;
  std::vector<Block> theirs;
  std::thread other([&] { theirs = draw(kCount); });
  const std::vector<Block> ours = draw(kCount);
  other.join();
  std::set<Block> all(ours.begin(), ours.end());
  all.insert(theirs.begin(), theirs.end());
  EXPECT_EQ(all.size(), 2 * kCount);
  EXPECT_EQ(all.count(Block{}), 0u);
}

}  // namespace

}  // namespace sspid::worker::seal
