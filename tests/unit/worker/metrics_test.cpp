// What a worker counts is what happened, whichever threads it happened on.
#include "daemon/worker/metrics.h"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "daemon/worker/status_name.h"

namespace sspid::worker {
namespace {

using namespace std::chrono_literals;
using proto::Opcode;

TEST(Metrics, knows_nothing_of_calls_that_never_came) {
  const Metrics metrics;
  EXPECT_TRUE(metrics.calls().empty());
  EXPECT_TRUE(metrics.failures().empty());
}

TEST(Metrics, puts_a_call_into_the_bucket_whose_end_it_does_not_exceed) {
  const auto bucket_of = [](Metrics::Clock::duration took) {
    Metrics metrics;
    metrics.count_call(Opcode::EncryptMessage, took);
    const auto buckets = metrics.calls().at(0).buckets;
    return std::find(buckets.begin(), buckets.end(), 1U) - buckets.begin();
  };
  EXPECT_EQ(bucket_of(0ns), 0);
  EXPECT_EQ(bucket_of(1us), 0);
  EXPECT_EQ(bucket_of(1us + 1ns), 1);
  EXPECT_EQ(bucket_of(2us), 1);
  EXPECT_EQ(bucket_of(30s), static_cast<long>(Metrics::kBounds.size()) - 1);
  EXPECT_EQ(bucket_of(30s + 1ns), static_cast<long>(Metrics::kBounds.size()));
  EXPECT_EQ(bucket_of(24h), static_cast<long>(Metrics::kBounds.size()));
}

TEST(Metrics, bounds_ascend) { EXPECT_TRUE(std::is_sorted(Metrics::kBounds.begin(), Metrics::kBounds.end())); }

TEST(Metrics, loses_no_call_of_any_thread) {
  Metrics metrics;
  constexpr unsigned kThreads = 8, kCalls = 10'000;
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      for (unsigned call = 0; call < kCalls; ++call) metrics.count_call(Opcode::MakeSignature, 3us);
    });
  threads.clear();
  const auto calls = metrics.calls();
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].opcode, Opcode::MakeSignature);
  EXPECT_EQ(calls[0].count, kThreads * kCalls);
  EXPECT_EQ(calls[0].nanoseconds, kThreads * kCalls * 3000ULL);
}

TEST(Metrics, counts_an_opcode_that_is_the_last_and_none_beyond) {
  Metrics metrics;
  metrics.count_call(Opcode::MAX, 1us);
  metrics.count_call(static_cast<Opcode>(static_cast<unsigned>(Opcode::MAX) + 1), 1us);
  metrics.count_call(static_cast<Opcode>(0xFFFF), 1us);
  ASSERT_EQ(metrics.calls().size(), 1U);
  EXPECT_EQ(metrics.calls()[0].opcode, Opcode::MAX);
}

TEST(Metrics, tells_failures_apart_by_call_package_and_status) {
  Metrics metrics;
  metrics.count_failure(Opcode::AcquireCredentialsHandle, "Kerberos", SEC_E_NO_CREDENTIALS);
  metrics.count_failure(Opcode::AcquireCredentialsHandle, "Kerberos", SEC_E_NO_CREDENTIALS);
  metrics.count_failure(Opcode::AcquireCredentialsHandle, "NTLM", SEC_E_NO_CREDENTIALS);
  metrics.count_failure(Opcode::AcquireCredentialsHandle, "Kerberos", SEC_E_NOT_OWNER);
  metrics.count_failure(Opcode::InitializeSecurityContext, "Kerberos", SEC_E_NO_CREDENTIALS);
  const auto failures = metrics.failures();
  EXPECT_EQ(failures.size(), 4U);
  const auto twice = std::find_if(failures.begin(), failures.end(), [](const auto& each) { return each.count == 2; });
  ASSERT_NE(twice, failures.end());
  EXPECT_EQ(twice->package, "Kerberos");
  EXPECT_EQ(twice->status, SEC_E_NO_CREDENTIALS);
}

TEST(Metrics, has_a_bound_on_kinds_of_failures_and_still_counts_all) {
  Metrics metrics;
  constexpr unsigned kMany = 5000;
  for (unsigned i = 0; i < kMany; ++i)
    metrics.count_failure(Opcode::Ping, "package " + std::to_string(i), SEC_E_INTERNAL_ERROR);
  const auto failures = metrics.failures();
  EXPECT_LT(failures.size(), 2000U);
  std::uint64_t sum = 0;
  for (const auto& failure : failures) sum += failure.count;
  EXPECT_EQ(sum, kMany);
}

TEST(StatusName, is_the_one_of_the_header) {
  EXPECT_EQ(name_of_status(SEC_E_OK), "SEC_E_OK");
  EXPECT_EQ(name_of_status(SEC_E_NO_CREDENTIALS), "SEC_E_NO_CREDENTIALS");
  EXPECT_EQ(name_of_status(SEC_I_CONTINUE_NEEDED), "SEC_I_CONTINUE_NEEDED");
  EXPECT_EQ(name_of_status(static_cast<SECURITY_STATUS>(0xC000006D)), "0xC000006D");
}

}  // namespace
}  // namespace sspid::worker
