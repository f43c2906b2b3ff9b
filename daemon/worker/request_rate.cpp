#include "daemon/worker/request_rate.h"

#include <algorithm>

namespace sspid::worker {

namespace {

constexpr RequestRate::Clock::duration kBurst = std::chrono::seconds{1};

}  // namespace

void RequestRate::limit(std::uint32_t per_second) {
  interval_ = per_second == 0 ? Clock::duration::zero() : Clock::duration{std::chrono::seconds{1}} / per_second;
}

RequestRate::Clock::duration RequestRate::admit(Clock::time_point now) {
  const Clock::duration interval = interval_;
  if (interval == Clock::duration::zero()) return {};
  const std::lock_guard lock{mutex_};
  turn_ = std::max(turn_, now - kBurst) + interval;
  return std::max(turn_ - now, Clock::duration::zero());
}

}  // namespace sspid::worker
