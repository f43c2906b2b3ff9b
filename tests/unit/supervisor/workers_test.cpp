// The bounds of all workers together, and who is remembered.
#include "daemon/supervisor/workers.h"

#include <array>

#include <fcntl.h>
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

// No process is started: the event loop never runs.
TEST_F(WorkersTest, users_leave_room_for_services) {
  EXPECT_EQ(comes(service("early")), std::nullopt);
  for (const unsigned uid : {100'000U, 100'001U, 100'002U}) EXPECT_EQ(comes(user(uid)), std::nullopt);
  EXPECT_EQ(comes(user(100'003)), "at most 3 workers of users");
  EXPECT_EQ(comes(service("early")), std::nullopt);
  EXPECT_EQ(comes(service("late")), std::nullopt) << "its first connection";
  EXPECT_EQ(comes(user(100'000)), std::nullopt) << "who has a worker keeps it";
  EXPECT_EQ(comes(user(100'004)), "at most 3 workers of users");
}

TEST_F(WorkersTest, services_that_are_no_more_are_forgotten) {
  const proto::Descriptor program{::open("/bin/false", O_PATH | O_CLOEXEC)};
  const auto dying = [&](const Identity& identity) {
    WorkerPlan made = plan(identity);
    made.program = program.get();
    return made;
  };
  bool is_known = true;
  const auto knows = [&](const Identity& identity) { return is_known || identity.name != "gone"; };
  Workers workers{io_.get_executor(), dying, {[] {}, [] {}, {}, knows}};
  for (const char* name : {"gone", "stays"}) workers.keep(service(name));
  const auto died = [&] {
    for (const WorkerStatus& each : workers.status())
      if (each.restarts == 0) return false;
    return true;
  };
  while (!died()) io_.run_one();
  workers.stop();
  io_.run();
  ASSERT_EQ(workers.status().size(), 2U) << "their workers' deaths are told";
  is_known = false;
  workers.change_plans();
  ASSERT_EQ(workers.status().size(), 1U);
  EXPECT_EQ(workers.status().front().identity, "service stays");
}

}  // namespace
}  // namespace sspid::supervisor
