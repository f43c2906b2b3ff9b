#include "client-lib/time_stamp.h"

#include <limits>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include "proto/limits.h"

namespace sspi {
namespace {

void use_time_zone(const char* zone) {
  setenv("TZ", zone, 1);
  tzset();
}

TEST(TimeStamp, counts_from_1601) {
  use_time_zone("UTC0");
  EXPECT_EQ(to_time_stamp(1).QuadPart, 116444736010000000);
  EXPECT_EQ(to_time_stamp(1700000000).QuadPart, 133444736000000000);
}

TEST(TimeStamp, is_local_time_at_that_moment) {
  use_time_zone("CET-1CEST,M3.5.0,M10.5.0/3");
  constexpr std::int64_t kWinter = 1705320000;
  constexpr std::int64_t kSummer = 1721044800;
  const auto seconds = [](TimeStamp stamp) { return stamp.QuadPart / 10'000'000 - 11'644'473'600; };
  EXPECT_EQ(seconds(to_time_stamp(kWinter)), kWinter + 3600);
  EXPECT_EQ(seconds(to_time_stamp(kSummer)), kSummer + 7200);
  use_time_zone("UTC0");
}

TEST(TimeStamp, never_shifts_zero_or_never) {
  use_time_zone("EST5");
  EXPECT_EQ(to_time_stamp(0).QuadPart, 0);
  EXPECT_EQ(to_time_stamp(sspid::proto::kNever).QuadPart, 0x7FFFFFFFFFFFFFFF);
  use_time_zone("UTC0");
}

TEST(TimeStamp, takes_times_beyond_a_file_time_for_never) {
  for (const std::int64_t time :
       {std::numeric_limits<std::int64_t>::max() - 1, std::numeric_limits<std::int64_t>::min(), std::int64_t{1} << 60,
        -(std::int64_t{1} << 60)})
    EXPECT_EQ(to_time_stamp(time).QuadPart, 0x7FFFFFFFFFFFFFFF);
}

TEST(TimeStamp, is_written_only_where_it_is_wanted) {
  write_time(1, nullptr);
  TimeStamp stamp{};
  write_time(sspid::proto::kNever, &stamp);
  EXPECT_EQ(stamp.QuadPart, 0x7FFFFFFFFFFFFFFF);
}

}  // namespace
}  // namespace sspi
