#include "daemon/worker/connections.h"

#include "socket_pair.h"

namespace sspid::worker {
namespace {

using namespace std::chrono_literals;

bool is_cut(const test::SocketPair& pair) {
  char byte = 0;
  return ::recv(pair.client.get(), &byte, 1, MSG_DONTWAIT) == 0;
}

class ConnectionsTest : public ::testing::Test {
 protected:
  Connections connections_{2};
  test::SocketPair first_;
  test::SocketPair second_;
  const Connections::Clock::time_point now_ = Connections::Clock::now();
};

TEST_F(ConnectionsTest, there_are_no_more_than_the_limit) {
  const auto one = connections_.enter(first_.daemon.get());
  {
    const auto two = connections_.enter(second_.daemon.get());
    EXPECT_TRUE(one && two);
    EXPECT_FALSE(connections_.enter(second_.daemon.get()));
    EXPECT_EQ(connections_.size(), 2U);
  }
  EXPECT_TRUE(connections_.enter(second_.daemon.get())) << "the place of one that left is free";
}

TEST_F(ConnectionsTest, one_that_keeps_the_worker_waiting_is_cut_when_its_time_is_up) {
  auto slow = connections_.enter(first_.daemon.get());
  auto other = connections_.enter(second_.daemon.get());
  slow->limit(now_ + 30s);
  connections_.cut_overdue(now_ + 29s);
  EXPECT_FALSE(is_cut(first_));
  connections_.cut_overdue(now_ + 30s);
  EXPECT_TRUE(is_cut(first_));
  EXPECT_FALSE(is_cut(second_));
}

TEST_F(ConnectionsTest, one_that_was_in_time_is_not_cut) {
  auto place = connections_.enter(first_.daemon.get());
  place->limit(now_ + 30s);
  place->unlimit();
  connections_.cut_overdue(now_ + 24h);
  EXPECT_FALSE(is_cut(first_));
}

TEST_F(ConnectionsTest, draining_ends_when_the_last_one_has_left) {
  bool drained = false;
  {
    const auto one = connections_.enter(first_.daemon.get());
    ASSERT_EQ(::send(first_.client.get(), "x", 1, 0), 1);
    connections_.drain([&] { drained = true; });
    EXPECT_FALSE(drained);
    EXPECT_TRUE(connections_.draining());
    char byte = 0;
    EXPECT_EQ(::recv(first_.daemon.get(), &byte, 1, 0), 1) << "what was sent before is answered";
    EXPECT_EQ(::recv(first_.daemon.get(), &byte, 1, 0), 0) << "nothing more comes";
    EXPECT_EQ(::send(first_.daemon.get(), "y", 1, 0), 1) << "the answer reaches its client";
    EXPECT_FALSE(connections_.enter(second_.daemon.get()));
  }
  EXPECT_TRUE(drained);
}

TEST_F(ConnectionsTest, draining_ends_at_once_where_nobody_is) {
  bool drained = false;
  connections_.drain([&] { drained = true; });
  EXPECT_TRUE(drained);
}

TEST_F(ConnectionsTest, one_that_has_left_is_not_touched) {
  connections_.enter(first_.daemon.get())->limit(now_);
  connections_.cut_overdue(now_ + 1s);
  EXPECT_FALSE(is_cut(first_));
}

}  // namespace
}  // namespace sspid::worker
