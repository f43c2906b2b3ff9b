#include "daemon/worker/waiting_threads.h"

#include <barrier>
#include <deque>
#include <future>
#include <thread>

#include <gtest/gtest.h>

namespace sspid::worker {
namespace {

TEST(WaitingThreads, has_none_before_the_first_call) { EXPECT_EQ(WaitingThreads{8}.size(), 0U); }

TEST(WaitingThreads, gives_each_waiting_call_a_thread) {
  constexpr std::size_t kCalls = 40;
  WaitingThreads threads{kCalls};
  std::barrier all_wait{kCalls + 1};
  std::deque<WaitingThreads::Claim> claims;
  for (std::size_t i = 0; i < kCalls; ++i) {
    claims.emplace_back(threads);
    asio::post(threads.context(), [&] { all_wait.arrive_and_wait(); });
  }
  all_wait.arrive_and_wait();
  EXPECT_EQ(threads.size(), kCalls);
}

TEST(WaitingThreads, lets_calls_beyond_the_bound_wait_for_a_thread) {
  WaitingThreads threads{2};
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  std::barrier all_done{6};
  std::deque<WaitingThreads::Claim> claims;
  for (int i = 0; i < 5; ++i) {
    claims.emplace_back(threads);
    asio::post(threads.context(), [&, gone] {
      gone.wait();
      (void)all_done.arrive();
    });
  }
  EXPECT_EQ(threads.size(), 2U);
  go.set_value();
  all_done.arrive_and_wait();
}

TEST(WaitingThreads, use_an_idle_thread_again) {
  WaitingThreads threads{8};
  for (int i = 0; i < 20; ++i) {
    const WaitingThreads::Claim claim{threads};
    std::promise<void> done;
    asio::post(threads.context(), [&] { done.set_value(); });
    done.get_future().wait();
  }
  EXPECT_EQ(threads.size(), 1U);
}

TEST(WaitingThreads, stop_after_what_they_do_now) {
  WaitingThreads threads{2};
  const WaitingThreads::Claim claim{threads};
  std::promise<void> begun;
  std::promise<void> go;
  bool ended = false;
  asio::post(threads.context(), [&] {
    begun.set_value();
    go.get_future().wait();
    ended = true;
  });
  begun.get_future().wait();
  std::thread releaser{[&] { go.set_value(); }};
  threads.stop();
  EXPECT_TRUE(ended);
  EXPECT_EQ(threads.size(), 0U);
  releaser.join();
}

}  // namespace
}  // namespace sspid::worker
