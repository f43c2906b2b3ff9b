// What a worker counts of its calls. The way of a message adds to two numbers and takes no lock; whoever wants to know
// sums up (report.h). Any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <sspi.h>

#include "proto/sspid_generated.h"

namespace sspid::worker {

class Metrics {
 public:
  using Clock = std::chrono::steady_clock;

  /// Upper ends of the histogram's buckets, in microseconds: a message takes a few of them, a KDC that does not answer
  /// many seconds. Behind the last is one more bucket.
  static constexpr std::array<std::uint32_t, 23> kBounds = {
      1,      2,      5,      10,      20,      50,      100,       200,       500,       1'000,      2'000,     5'000,
      10'000, 20'000, 50'000, 100'000, 200'000, 500'000, 1'000'000, 2'000'000, 5'000'000, 10'000'000, 30'000'000};
  static constexpr std::size_t kBuckets = kBounds.size() + 1;

  struct Call {
    proto::Opcode opcode = proto::Opcode::None;
    std::array<std::uint64_t, kBuckets> buckets{};  ///< not summed up: each call is in one of them
    std::uint64_t count = 0;
    std::uint64_t nanoseconds = 0;
  };
  struct Failure {
    proto::Opcode opcode = proto::Opcode::None;
    std::string package;  ///< empty: of none
    SECURITY_STATUS status = SEC_E_OK;
    std::uint64_t count = 0;
  };

  Metrics() = default;
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// A call was carried out, from the complete frame to the complete answer.
  void count_call(proto::Opcode opcode, Clock::duration took);

  /// It ended with a failure. `package` is that of the credential or context that it was about; empty: of none.
  void count_failure(proto::Opcode opcode, std::string_view package, SECURITY_STATUS status);

  /// Calls that came at least once.
  [[nodiscard]] std::vector<Call> calls() const;
  [[nodiscard]] std::vector<Failure> failures() const;

 private:
  static constexpr std::size_t kOpcodes = static_cast<std::size_t>(proto::Opcode::MAX) + 1;
  // Threads that count at the same time should not share a cache line: as many as there are event loops.
  static constexpr std::size_t kStripes = 4;
  // There are fewer calls, packages and statuses that go together; beyond, failures are of no kind.
  static constexpr std::size_t kMaxKinds = 1024;

  struct Counts {
    std::array<std::atomic<std::uint64_t>, kBuckets> buckets{};
    std::atomic<std::uint64_t> nanoseconds{0};
  };
  struct alignas(64) Stripe {
    std::array<Counts, kOpcodes> calls{};
  };
  std::array<Stripe, kStripes> stripes_{};

  using Kind = std::tuple<proto::Opcode, std::string, SECURITY_STATUS>;
  mutable std::mutex mutex_;  // of the failures alone
  std::map<Kind, std::uint64_t> failures_;
};

}  // namespace sspid::worker
