#include "daemon/log.h"

#include <gtest/gtest.h>

namespace sspid::log {
namespace {

using namespace std::chrono_literals;

TEST(Log, knows_its_levels) {
  for (const char* level : {"trace", "debug", "info", "warn", "error", "critical", "off"})
    EXPECT_TRUE(is_level(level)) << level;
  for (const char* level : {"", "loud", "INFO"}) EXPECT_FALSE(is_level(level)) << level;
}

TEST(Throttle, holds_back_what_is_too_much_and_says_how_much_it_was) {
  Throttle throttle;
  const auto now = Throttle::Clock::now();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(throttle.admit(now), 0U) << i;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(throttle.admit(now + 9s), std::nullopt);
  EXPECT_EQ(throttle.admit(now + 10s), 5U);
  EXPECT_EQ(throttle.admit(now + 10s), 0U);
}

}  // namespace
}  // namespace sspid::log
