// The socket's life in the file system: only a dead one is replaced, and only the own one is taken away.
#include "daemon/supervisor/listener.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "scratch.h"

namespace sspid::supervisor {
namespace {

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

proto::Descriptor bound_to(const std::string& path) {
  const auto address = address_of(path);
  proto::Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return socket;
}

proto::Descriptor connected_to(const std::string& path) {
  const auto address = address_of(path);
  proto::Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) socket.reset();
  return socket;
}

// As in a service whose bounding set has no CAP_DAC_OVERRIDE. For good.
void give_up_overriding_modes() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3]{};
  if (::syscall(SYS_capget, &header, sets) != 0) std::_Exit(2);
  for (auto* set : {&sets[0].effective, &sets[0].permitted}) *set &= ~(1U << CAP_DAC_OVERRIDE);
  if (::syscall(SYS_capset, &header, sets) != 0) std::_Exit(2);
}

class ListenerTest : public ::testing::Test {
 protected:
  test::Directory directory_;
  const std::string path_ = directory_.file("sock");
  asio::io_context io_;
};

TEST_F(ListenerTest, gives_on_what_connects_before_and_after_it_accepts) {
  Listener listener{io_.get_executor(), place_for_everybody(path_)};
  const auto before = connected_to(path_);
  ASSERT_TRUE(before) << "connections queue as soon as the object is there";
  int accepted = 0;
  asio::co_spawn(io_, listener.accept([&](proto::Descriptor socket) {
    EXPECT_TRUE(socket);
    ++accepted;
  }),
                 asio::detached);
  while (accepted < 1) io_.run_one();
  const auto after = connected_to(path_);
  while (accepted < 2) io_.run_one();
  listener.close();
  io_.run();
}

TEST_F(ListenerTest, what_connects_without_a_pause_lets_others_have_their_turn) {
  Listener listener{io_.get_executor(), place_for_everybody(path_)};
  std::vector<proto::Descriptor> clients(200);
  for (proto::Descriptor& client : clients) client = connected_to(path_);
  std::size_t accepted = 0, accepted_before = 0;
  asio::co_spawn(io_, listener.accept([&](const proto::Descriptor&) {
    if (++accepted == 1) asio::post(io_, [&] { accepted_before = accepted; });
  }),
                 asio::detached);
  while (accepted < clients.size()) io_.run_one();
  EXPECT_GT(accepted_before, 0U);
  EXPECT_LT(accepted_before, clients.size());
  listener.close();
  io_.run();
}

TEST_F(ListenerTest, can_be_closed_by_whom_a_connection_is_given_to) {
  Listener listener{io_.get_executor(), place_for_everybody(path_)};
  const auto first = connected_to(path_), second = connected_to(path_);
  int accepted = 0;
  asio::co_spawn(io_, listener.accept([&](const proto::Descriptor&) {
    ++accepted;
    listener.close();
  }),
                 asio::detached);
  io_.poll();
  EXPECT_EQ(accepted, 1);
  EXPECT_TRUE(io_.stopped()) << "it does not wait for better times";
}

TEST_F(ListenerTest, socket_is_for_everybody_only_when_root_serves) {
  const Listener listener{io_.get_executor(), place_for_everybody(path_)};
  struct stat file {};
  ASSERT_EQ(::lstat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, ::geteuid() == 0 ? 0666U : 0600U);
}

TEST_F(ListenerTest, replaces_a_socket_that_nobody_listens_on) {
  bound_to(path_).reset();
  ASSERT_TRUE(std::filesystem::is_socket(path_));
  const Listener listener{io_.get_executor(), place_for_everybody(path_)};
  EXPECT_TRUE(connected_to(path_));
}

TEST_F(ListenerTest, leaves_a_socket_alone_that_somebody_listens_on) {
  const Listener first{io_.get_executor(), place_for_everybody(path_)};
  EXPECT_THROW((Listener{io_.get_executor(), place_for_everybody(path_)}), std::runtime_error);
  EXPECT_TRUE(connected_to(path_));
}

TEST_F(ListenerTest, leaves_a_socket_alone_whose_queue_is_full) {
  const auto busy = bound_to(path_);
  ASSERT_EQ(::listen(busy.get(), 0), 0);
  const auto waiting = connected_to(path_);
  ASSERT_TRUE(waiting);
  EXPECT_THROW((Listener{io_.get_executor(), place_for_everybody(path_)}), std::runtime_error);
  EXPECT_TRUE(std::filesystem::is_socket(path_));
}

TEST_F(ListenerTest, tells_dead_sockets_of_others_from_live_ones_without_the_right_to_override_modes) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give sockets away";
  constexpr uid_t kOther = 60'800;
  const auto live = bound_to(path_);
  ASSERT_EQ(::listen(live.get(), 1), 0);
  const std::string dead = directory_.file("dead");
  bound_to(dead).reset();
  for (const std::string& path : {path_, dead}) {
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    ASSERT_EQ(::chown(path.c_str(), kOther, kOther), 0);
  }
  const auto replace_dead = [&] {
    give_up_overriding_modes();
    const Listener listener{io_.get_executor(), SocketPlace{.path = dead}};
    std::_Exit(connected_to(dead) ? 0 : 1);
  };
  EXPECT_EXIT(replace_dead(), ::testing::ExitedWithCode(0), "");
  EXPECT_THROW((Listener{io_.get_executor(), SocketPlace{.path = path_}}), std::runtime_error);
}

TEST_F(ListenerTest, leaves_files_alone_that_are_no_socket) {
  std::ofstream{path_} << "precious";
  EXPECT_THROW((Listener{io_.get_executor(), place_for_everybody(path_)}), std::runtime_error);
  EXPECT_TRUE(std::filesystem::is_regular_file(path_));
}

TEST_F(ListenerTest, refuses_a_path_that_no_socket_can_have) {
  EXPECT_THROW((Listener{io_.get_executor(), place_for_everybody("")}), std::runtime_error);
  EXPECT_THROW((Listener{io_.get_executor(), place_for_everybody(directory_.file(std::string(200, 'x')))}),
               std::runtime_error);
}

TEST_F(ListenerTest, takes_its_socket_away_when_it_goes) {
  Listener{io_.get_executor(), place_for_everybody(path_)}.close();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ListenerTest, an_inherited_socket_stays_and_goes_on_queuing_when_it_goes) {
  const auto kept = bound_to(path_);
  ASSERT_EQ(::listen(kept.get(), 2), 0);
  ASSERT_EQ(::fcntl(kept.get(), F_SETFL, O_NONBLOCK), 0);
  const auto before = connected_to(path_);
  Listener listener{io_.get_executor(), path_, proto::Descriptor{::fcntl(kept.get(), F_DUPFD_CLOEXEC, 0)}};
  int accepted = 0;
  asio::co_spawn(io_, listener.accept([&](const proto::Descriptor&) { ++accepted; }), asio::detached);
  while (accepted < 1) io_.run_one();
  listener.close();
  io_.run();
  EXPECT_TRUE(connected_to(path_));
}

TEST_F(ListenerTest, successor_takes_the_place_in_one_step_that_can_be_undone) {
  Listener former{io_.get_executor(), place_for_everybody(path_)};
  Listener successor{io_.get_executor(), SocketPlace{.path = path_ + '~', .owner = ::getuid(), .mode = 0640}};
  const auto accepted = [&](Listener& listener) {
    int times = 0;
    asio::co_spawn(io_, listener.accept([&](const proto::Descriptor&) { ++times; }), asio::detached);
    const auto client = connected_to(path_);
    io_.restart();
    io_.poll();
    listener.close();
    io_.poll();
    return client && times == 1;
  };
  successor.exchange(former);
  EXPECT_TRUE(successor.is_in_place());
  successor.exchange(former);
  EXPECT_TRUE(connected_to(path_));
  successor.exchange(former);
  former.close();
  EXPECT_TRUE(accepted(successor));
  EXPECT_TRUE(std::filesystem::is_empty(std::filesystem::path(path_).parent_path())) << "nothing is left";
}

TEST_F(ListenerTest, leaves_the_socket_of_a_successor_in_place) {
  Listener listener{io_.get_executor(), place_for_everybody(path_)};
  std::filesystem::rename(path_, path_ + ".old");
  const auto successor = bound_to(path_);
  listener.close();
  EXPECT_TRUE(std::filesystem::is_socket(path_));
}

}  // namespace
}  // namespace sspid::supervisor
