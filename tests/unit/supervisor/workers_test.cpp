// The bounds of all workers together. No process is started: the event loop never runs.
#include "daemon/supervisor/workers.h"

#include <array>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/frame.h"

namespace sspid::supervisor {
namespace {

class WorkersTest : public ::testing::Test {
 protected:
  static WorkerPlan plan(const Identity& identity) {
    WorkerPlan plan;
    plan.grant.identity = identity.text();
    return plan;
  }

  /// By which rule a connection of this identity is refused; none: it waits for its worker.
  std::optional<std::string> comes(const Identity& identity) {
    std::array<int, 2> pair{-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    const proto::Descriptor client{pair[0]};
    auto rule = workers_.hand_over(identity, {}, proto::Descriptor{pair[1]});
    std::array<std::byte, proto::kHeaderSize> header{};
    const auto got = ::recv(client.get(), header.data(), header.size(), MSG_DONTWAIT);
    EXPECT_EQ(got == static_cast<ssize_t>(header.size()), rule.has_value()) << "the client is told";
    if (rule) {
      EXPECT_EQ(proto::decode_header(header).request, static_cast<std::uint32_t>(proto::Refusal::too_many));
    }
    return rule;
  }

  static Identity user(unsigned uid) { return {Identity::Kind::user, std::to_string(uid)}; }
  static Identity service(const std::string& name) { return {Identity::Kind::service, name}; }

  asio::io_context io_{1};
  Workers workers_{io_.get_executor(), plan, {}, 3};
};

TEST_F(WorkersTest, users_leave_room_for_services) {
  EXPECT_EQ(comes(service("early")), std::nullopt);
  for (const unsigned uid : {100'000U, 100'001U, 100'002U}) EXPECT_EQ(comes(user(uid)), std::nullopt);
  EXPECT_EQ(comes(user(100'003)), "at most 3 workers of users");
  EXPECT_EQ(comes(service("early")), std::nullopt);
  EXPECT_EQ(comes(service("late")), std::nullopt) << "its first connection";
  EXPECT_EQ(comes(user(100'000)), std::nullopt) << "who has a worker keeps it";
  EXPECT_EQ(comes(user(100'004)), "at most 3 workers of users");
}

}  // namespace
}  // namespace sspid::supervisor
