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

TEST_F(ConnectionsTest, one_that_has_left_is_not_touched) {
  connections_.enter(first_.daemon.get())->limit(now_);
  connections_.cut_overdue(now_ + 1s);
  EXPECT_FALSE(is_cut(first_));
}

}  // namespace
}  // namespace sspid::worker
