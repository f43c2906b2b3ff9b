// The identity's quota of requests a second, over all its connections: who asks for more waits for the turn of what
// they asked, and nobody else does. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace sspid::worker {

class RequestRate {
 public:
  using Clock = std::chrono::steady_clock;

  /// From now on; 0: as many as come.
  void limit(std::uint32_t per_second);

  /// One more request has come: how long it has to wait. What was not used of the last second may come at once.
  [[nodiscard]] Clock::duration admit(Clock::time_point now);

  [[nodiscard]] bool is_limited() const { return interval_.load(std::memory_order_relaxed).count() != 0; }

 private:
  std::atomic<Clock::duration> interval_{Clock::duration::zero()};
  std::mutex mutex_;
  Clock::time_point turn_{};  ///< of the next request, if they came one interval after the other
};

}  // namespace sspid::worker
