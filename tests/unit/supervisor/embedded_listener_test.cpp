// The pair that a program shares with its own daemon.
#include "daemon/supervisor/embedded_listener.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sspid::supervisor {
namespace {

struct Pair {
  explicit Pair(int type) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
    first.reset(ends[0]);
    second.reset(ends[1]);
  }
  proto::Descriptor first, second;
};

void pass(const proto::Descriptor& pair, const std::vector<int>& descriptors, std::string bytes = "x") {
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) std::array<std::byte, 256> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size() * sizeof(int));
  }
  ASSERT_EQ(::sendmsg(pair.get(), &message, MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
}

bool is_hung_up(const proto::Descriptor& socket) {
  char byte;
  return ::recv(socket.get(), &byte, 1, MSG_DONTWAIT) == 0;
}

class EmbeddedListenerTest : public ::testing::Test {
 protected:
  EmbeddedListenerTest() : listener_(io_.get_executor(), std::move(pair_.second)) {
    asio::co_spawn(io_, listener_.accept([this](proto::Descriptor socket) { accepted_.push_back(std::move(socket)); }),
                   [this](const std::exception_ptr& failure) {
                     EXPECT_FALSE(failure);
                     ended_ = true;
                   });
  }

  void settle() {
    io_.restart();
    io_.poll();
  }

  // It has seen to all that was passed before.
  void expect_still_accepting() {
    Pair connection(SOCK_STREAM);
    pass(pair_.first, {connection.second.get()});
    const std::size_t before = accepted_.size();
    settle();
    EXPECT_EQ(accepted_.size(), before + 1);
    EXPECT_FALSE(ended_);
  }

  Pair pair_{SOCK_SEQPACKET};
  asio::io_context io_;
  EmbeddedListener listener_;
  std::vector<proto::Descriptor> accepted_;
  bool ended_ = false;
};

TEST_F(EmbeddedListenerTest, gives_on_what_is_passed_without_reading_from_it) {
  Pair connection(SOCK_STREAM);
  ASSERT_EQ(::send(connection.first.get(), "hello", 5, 0), 5);
  pass(pair_.first, {connection.second.get()});
  connection.second.reset();
  settle();
  ASSERT_EQ(accepted_.size(), 1U);
  EXPECT_NE(::fcntl(accepted_[0].get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(accepted_[0].get(), F_GETFD) & FD_CLOEXEC, 0);
  char bytes[8];
  EXPECT_EQ(::recv(accepted_[0].get(), bytes, sizeof bytes, 0), 5);
}

TEST_F(EmbeddedListenerTest, many_at_once_are_taken_in_turn) {
  for (int i = 0; i < 10; ++i) expect_still_accepting();
  std::vector<Pair> connections;
  for (int i = 0; i < 5; ++i) {
    connections.emplace_back(SOCK_STREAM);
    pass(pair_.first, {connections.back().second.get()});
  }
  settle();
  EXPECT_EQ(accepted_.size(), 15U);
}

TEST_F(EmbeddedListenerTest, ends_with_the_last_of_those_who_hold_the_program_s_end) {
  const proto::Descriptor copy{::dup(pair_.first.get())};
  pair_.first.reset();
  settle();
  EXPECT_FALSE(ended_);
  Pair connection(SOCK_STREAM);
  pass(copy, {connection.second.get()});
  const_cast<proto::Descriptor&>(copy).reset();
  settle();
  EXPECT_EQ(accepted_.size(), 1U) << "what was passed before the end counts";
  EXPECT_TRUE(ended_);
}

TEST_F(EmbeddedListenerTest, closed_one_ends_and_cuts_what_is_under_way) {
  Pair connection(SOCK_STREAM);
  settle();
  pass(pair_.first, {connection.second.get()});
  connection.second.reset();
  listener_.close();
  settle();
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(is_hung_up(connection.first));
}

TEST_F(EmbeddedListenerTest, messages_that_carry_no_connection_are_nothing) {
  pass(pair_.first, {});
  pass(pair_.first, {}, "longer than it may be");
  const proto::Descriptor file{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  pass(pair_.first, {file.get()});
  Pair datagrams(SOCK_DGRAM);
  pass(pair_.first, {datagrams.first.get()});
  settle();
  EXPECT_TRUE(accepted_.empty());
  expect_still_accepting();
}

TEST_F(EmbeddedListenerTest, descriptors_beyond_the_first_are_closed) {
  std::vector<Pair> connections;
  std::vector<int> ends;
  for (int i = 0; i < 5; ++i) {
    connections.emplace_back(SOCK_STREAM);
    ends.push_back(connections.back().second.get());
  }
  pass(pair_.first, ends);
  for (Pair& each : connections) each.second.reset();
  settle();
  ASSERT_EQ(accepted_.size(), 1U);
  EXPECT_FALSE(is_hung_up(connections[0].first));
  for (std::size_t i = 1; i < connections.size(); ++i) EXPECT_TRUE(is_hung_up(connections[i].first)) << i;
  expect_still_accepting();
}

// In a process of its own, which ends with 0 where nothing of it is left.
TEST(EmbeddedDaemon, does_not_take_up_what_the_program_did_to_signals_and_what_it_was_told) {
  const auto forget = [] {
    std::signal(SIGCHLD, SIG_IGN);
    std::signal(SIGTERM, SIG_IGN);
    sigset_t set;
    ::sigfillset(&set);
    ::sigprocmask(SIG_SETMASK, &set, nullptr);
    ::setenv("NOTIFY_SOCKET", "/run/notify", 1);
    ::setenv("KRB5_CONFIG", "/krb5.conf", 1);
    forget_the_program_s_ways();
    ::sigprocmask(SIG_SETMASK, nullptr, &set);
    const bool fresh = std::signal(SIGCHLD, SIG_DFL) == SIG_DFL && std::signal(SIGTERM, SIG_DFL) == SIG_DFL &&
                       ::sigisemptyset(&set) != 0;
    std::_Exit(fresh && std::getenv("NOTIFY_SOCKET") == nullptr && std::getenv("KRB5_CONFIG") != nullptr ? 0 : 1);
  };
  EXPECT_EXIT(forget(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace sspid::supervisor
