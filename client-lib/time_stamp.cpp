#include "client-lib/time_stamp.h"

#include <time.h>

#include "proto/limits.h"

namespace sspi {

namespace {

constexpr std::int64_t kTicksPerSecond = 10'000'000;
constexpr std::int64_t kUnixEpoch = 11'644'473'600;  // seconds from 1601 to 1970

// Years 1 to 9999: what localtime_r surely knows, far inside of 63 bits of ticks.
constexpr std::int64_t kEarliest = -kUnixEpoch;
constexpr std::int64_t kLatest = 253'402'300'799;

}  // namespace

TimeStamp to_time_stamp(std::int64_t utc_seconds) {
  TimeStamp stamp{};
  stamp.QuadPart = utc_seconds;
  if (utc_seconds == 0 || utc_seconds == sspid::proto::kNever) return stamp;
  stamp.QuadPart = sspid::proto::kNever;
  if (utc_seconds > kLatest || utc_seconds < kEarliest) return stamp;
  const time_t moment = utc_seconds;
  tm local{};
  if (localtime_r(&moment, &local) == nullptr) return stamp;
  stamp.QuadPart = (utc_seconds + local.tm_gmtoff + kUnixEpoch) * kTicksPerSecond;
  return stamp;
}

void write_time(std::int64_t utc_seconds, PTimeStamp where) {
  if (where != nullptr) *where = to_time_stamp(utc_seconds);
}

}  // namespace sspi
