#include "daemon/worker/event_loops.h"

#include <future>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace sspid::worker {
namespace {

TEST(EventLoops, spread_connections_that_make_no_calls_yet) {
  EventLoops loops{3};
  std::set<EventLoop*> used;
  for (int i = 0; i < 3; ++i) used.insert(&loops.least_busy());
  EXPECT_EQ(used.size(), 3U);
}

// A client opens an anchor and a connection for calls, one after the other: taking turns would put all calls on one
// loop.
TEST(EventLoops, spread_connections_that_make_calls) {
  EventLoops loops{2};
  const Caller first{loops.least_busy()};
  EventLoop& other = loops.least_busy();
  for (int anchors = 0; anchors < 5; ++anchors) EXPECT_EQ(&loops.least_busy(), &other);
  EXPECT_EQ(other.callers, 0U);
  {
    const Caller second{other};
    const Caller third{other};
    EXPECT_NE(&loops.least_busy(), &other);
    EXPECT_NE(&loops.least_busy(), &other);
  }
  EXPECT_EQ(other.callers, 0U) << "callers that left count no more";
}

TEST(EventLoops, each_runs_on_a_thread_of_its_own_until_stopped) {
  EventLoops loops{2};
  std::promise<std::thread::id> one;
  std::promise<std::thread::id> two;
  asio::post(loops.least_busy().context, [&] { one.set_value(std::this_thread::get_id()); });
  asio::post(loops.least_busy().context, [&] { two.set_value(std::this_thread::get_id()); });
  const auto work = asio::make_work_guard(loops.first());
  std::thread runner{[&] { loops.run(); }};
  EXPECT_NE(one.get_future().get(), two.get_future().get());
  loops.stop();
  runner.join();
}

// What tells a worker that hangs from one that has nothing to do.
TEST(EventLoops, have_gone_round_when_each_did_what_was_posted_to_it) {
  EventLoops loops{2};
  EventLoop& one = loops.least_busy();
  EventLoop& other = loops.least_busy();
  const auto go_round = [](EventLoop& loop) {
    loop.context.restart();
    loop.context.poll();
  };
  EXPECT_TRUE(loops.went_round()) << "the first time there is nothing to wait for";
  EXPECT_FALSE(loops.went_round()) << "none has run since";
  go_round(one);
  EXPECT_FALSE(loops.went_round()) << "the other has not";
  go_round(one);
  go_round(other);
  EXPECT_TRUE(loops.went_round());
}

}  // namespace
}  // namespace sspid::worker
