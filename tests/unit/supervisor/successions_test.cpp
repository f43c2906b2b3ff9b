// Sockets take the places of others together, or none of them does.
#include "daemon/supervisor/successions.h"

#include <filesystem>
#include <stdexcept>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "scratch.h"

namespace sspid::supervisor {
namespace {

using Shared = std::shared_ptr<Listener>;

class SuccessionsTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return directory_.file(name); }

  [[nodiscard]] Shared former(const std::string& name) {
    return std::make_shared<Listener>(io_.get_executor(), place_for_everybody(path(name)));
  }

  [[nodiscard]] Shared successor_of(const Shared& former, Successions& successions) {
    return successions.listen(io_.get_executor(), place_for_everybody(former->path()), former);
  }

  [[nodiscard]] std::size_t files() const {
    const std::filesystem::directory_iterator all{std::filesystem::path{path("any")}.parent_path()};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  test::Directory directory_;
  asio::io_context io_;
};

TEST_F(SuccessionsTest, take_the_places_of_all) {
  Successions successions;
  const Shared one = former("app1"), two = former("app2");
  const std::string places[] = {one->path(), two->path()};
  const Shared next[] = {successor_of(one, successions), successor_of(two, successions)};
  EXPECT_TRUE(one->is_in_place()) << "until all are there";
  EXPECT_EQ(one->path(), places[0]);
  successions.carry_out();
  successions.commit();
  for (const int i : {0, 1}) {
    EXPECT_EQ(next[i]->path(), places[i]);
    EXPECT_TRUE(next[i]->is_in_place());
  }
  one->close();
  two->close();
  EXPECT_EQ(files(), 2U);
}

TEST_F(SuccessionsTest, listen_at_the_place_itself_where_nobody_does) {
  Successions successions;
  const Shared one = former("app1");
  std::filesystem::remove(one->path());
  EXPECT_EQ(successor_of(one, successions)->path(), path("app1"));
  const Shared elsewhere = successions.listen(io_.get_executor(), place_for_everybody(path("app2")), one);
  EXPECT_EQ(elsewhere->path(), path("app2"));
}

TEST_F(SuccessionsTest, wait_in_nobodys_place_and_where_an_address_has_room) {
  Successions successions{{path("ap~0"), path("ap~1")}};
  EXPECT_EQ(successor_of(former("app1"), successions)->path(), path("ap~2"));
  const std::string longest(sizeof sockaddr_un{}.sun_path - 1 - path("").size(), 'x');
  EXPECT_EQ(successor_of(former(longest), successions)->path().size(), path(longest).size());
  EXPECT_EQ(successor_of(former("a"), successions)->path(), path("~4")) << "never in another folder";
}

TEST_F(SuccessionsTest, come_back_where_nobody_commits_to_them) {
  const Shared one = former("app1"), two = former("app2");
  {
    Successions successions;
    const Shared next[] = {successor_of(one, successions), successor_of(two, successions)};
    successions.carry_out();
    EXPECT_NE(one->path(), path("app1"));
  }
  for (const Shared& each : {one, two}) EXPECT_TRUE(each->is_in_place());
  EXPECT_EQ(one->path(), path("app1"));
  EXPECT_EQ(two->path(), path("app2"));
  EXPECT_EQ(files(), 2U);
}

TEST_F(SuccessionsTest, come_back_where_one_cannot_take_its_place) {
  const Shared one = former("app1"), two = former("app2");
  {
    Successions successions;
    const Shared next[] = {successor_of(one, successions), successor_of(two, successions)};
    std::filesystem::remove(next[1]->path());
    EXPECT_THROW(successions.carry_out(), std::runtime_error);
  }
  EXPECT_EQ(one->path(), path("app1"));
  for (const Shared& each : {one, two}) EXPECT_TRUE(each->is_in_place());
}

TEST_F(SuccessionsTest, come_back_even_where_one_cannot) {
  const Shared one = former("app1"), two = former("app2");
  {
    Successions successions;
    const Shared next[] = {successor_of(one, successions), successor_of(two, successions)};
    successions.carry_out();
    std::filesystem::remove(two->path());
  }
  EXPECT_EQ(one->path(), path("app1"));
  EXPECT_TRUE(one->is_in_place());
}

TEST_F(SuccessionsTest, share_an_inherited_socket_until_one_of_them_goes) {
  const Shared maker = former("app1");
  const auto inherit = [&] {
    return std::make_shared<Listener>(io_.get_executor(), maker->path(), maker->duplicate());
  };
  const auto connected = [&] {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path("app1").copy(address.sun_path, sizeof address.sun_path - 1);
    proto::Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return socket;
  };
  const Shared inherited = inherit();
  int before = 0, after = 0;
  asio::co_spawn(io_, inherited->accept([&](const proto::Descriptor&) { ++before; }), asio::detached);
  Successions successions;
  successor_of(inherited, successions).reset();
  const auto first = connected();
  while (before < 1) io_.run_one();
  const Shared successor = successor_of(inherited, successions);
  successions.carry_out();
  successions.commit();
  inherited->close();
  const auto second = connected();
  asio::co_spawn(io_, successor->accept([&](const proto::Descriptor&) { ++after; }), asio::detached);
  while (after < 1) io_.run_one();
  EXPECT_EQ(before, 1);
  EXPECT_EQ(successor->path(), path("app1"));
  successor->close();
  io_.run();
  EXPECT_TRUE(maker->is_in_place());
}

}  // namespace
}  // namespace sspid::supervisor
