#include "daemon/worker/metrics.h"

#include <algorithm>

namespace sspid::worker {

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

std::size_t number_of_this_thread() {
  static std::atomic<std::size_t> next{0};
  static thread_local const std::size_t number = next.fetch_add(1, kRelaxed);
  return number;
}

}  // namespace

void Metrics::count_call(proto::Opcode opcode, Clock::duration took) {
  const auto index = static_cast<std::size_t>(opcode);
  if (index >= kOpcodes) return;
  const auto nanoseconds = static_cast<std::uint64_t>(std::chrono::nanoseconds(took).count());
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), nanoseconds,
                                       [](std::uint32_t bound, std::uint64_t t) { return bound * 1000ULL < t; });
  Counts& counts = stripes_[number_of_this_thread() % kStripes].calls[index];
  counts.buckets[static_cast<std::size_t>(bucket - kBounds.begin())].fetch_add(1, kRelaxed);
  counts.nanoseconds.fetch_add(nanoseconds, kRelaxed);
}

void Metrics::count_failure(proto::Opcode opcode, std::string_view package, SECURITY_STATUS status) {
  const std::lock_guard lock(mutex_);
  Kind kind{opcode, package, status};
  if (failures_.size() >= kMaxKinds && failures_.count(kind) == 0) kind = {proto::Opcode::None, {}, status};
  failures_[kind] += 1;
}

std::vector<Metrics::Call> Metrics::calls() const {
  std::vector<Call> calls;
  for (std::size_t index = 0; index < kOpcodes; ++index) {
    Call call;
    call.opcode = static_cast<proto::Opcode>(index);
    for (const Stripe& stripe : stripes_) {
      const Counts& counts = stripe.calls[index];
      call.nanoseconds += counts.nanoseconds.load(kRelaxed);
      for (std::size_t i = 0; i < kBuckets; ++i) call.buckets[i] += counts.buckets[i].load(kRelaxed);
    }
    for (const std::uint64_t bucket : call.buckets) call.count += bucket;
    if (call.count != 0) calls.push_back(call);
  }
  return calls;
}

std::vector<Metrics::Failure> Metrics::failures() const {
  const std::lock_guard lock(mutex_);
  std::vector<Failure> failures;
  for (const auto& [kind, count] : failures_)
    failures.push_back({std::get<0>(kind), std::get<1>(kind), std::get<2>(kind), count});
  return failures;
}

}  // namespace sspid::worker
