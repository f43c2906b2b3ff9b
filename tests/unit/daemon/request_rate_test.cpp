#include "daemon/worker/request_rate.h"

#include <gtest/gtest.h>

namespace sspid::worker {
namespace {

using namespace std::chrono_literals;
using Clock = RequestRate::Clock;

const Clock::time_point kStart{1000h};

TEST(RequestRate, without_a_limit_nobody_waits) {
  RequestRate rate;
  EXPECT_FALSE(rate.is_limited());
  for (int i = 0; i < 100'000; ++i) ASSERT_EQ(rate.admit(kStart), 0s);
}

TEST(RequestRate, a_second_worth_comes_at_once_and_then_one_after_the_other) {
  RequestRate rate;
  rate.limit(10);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(rate.admit(kStart), 0s) << i;
  for (int i = 1; i <= 5; ++i) ASSERT_EQ(rate.admit(kStart), i * 100ms);
}

TEST(RequestRate, who_keeps_to_it_never_waits) {
  RequestRate rate;
  rate.limit(10);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(rate.admit(kStart + i * 100ms), 0s) << i;
}

TEST(RequestRate, silence_is_not_saved_up) {
  RequestRate rate;
  rate.limit(10);
  (void)rate.admit(kStart);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(rate.admit(kStart + 1h), 0s);
  EXPECT_EQ(rate.admit(kStart + 1h), 100ms);
}

TEST(RequestRate, limit_can_be_taken_away) {
  RequestRate rate;
  rate.limit(1);
  for (int i = 0; i < 10; ++i) (void)rate.admit(kStart);
  rate.limit(0);
  EXPECT_EQ(rate.admit(kStart), 0s);
}

}  // namespace
}  // namespace sspid::worker
