// The admin socket answers those who may ask, passes reports on unread, and waits for nobody.
#include "daemon/supervisor/admin.h"

#include <array>
#include <cstring>
#include <future>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "scratch.h"

namespace sspid::supervisor {
namespace {

/// An administrator, who blocks, beside an event loop on a thread of its own.
class AdminTest : public ::testing::Test {
 protected:
  AdminTest()
      : admin_(io_.get_executor(),
               {[this] { return status_; }, [this](pid_t worker, int pipe) { return ask(worker, pipe); },
                [this] { return reload_error_; }}) {
    Successions none;
    admin_.use(admin_.open(path(), std::nullopt, none));
    loop_ = std::jthread([this] { io_.run(); });
  }
  ~AdminTest() override {
    asio::post(io_, [this] { admin_.close(); });
    io_.stop();
  }

  [[nodiscard]] std::string path() const { return directory_.file("admin.sock"); }

  // A worker that answers at once, one that is stuck and keeps the pipe, one that takes nothing.
  bool ask(pid_t worker, int pipe) {
    if (worker == 1) {
      EXPECT_EQ(::write(pipe, "{}", 2), 2);
    }
    if (worker == 2) kept_.reset(::dup(pipe));
    return worker != 3;
  }

  [[nodiscard]] proto::Descriptor connect() const {
    proto::Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return socket;
  }

  struct Answer {
    nlohmann::json json;
    std::vector<proto::Descriptor> reports;
  };

  static void receive(int socket, std::span<std::byte> bytes, proto::Descriptor* descriptor = nullptr) {
    while (!bytes.empty()) {
      iovec part{bytes.data(), bytes.size()};
      alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> room{};
      msghdr header{};
      header.msg_iov = &part;
      header.msg_iovlen = 1;
      header.msg_control = room.data();
      header.msg_controllen = room.size();
      const auto got = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
      ASSERT_GT(got, 0);
      if (const cmsghdr* rights = CMSG_FIRSTHDR(&header); rights && descriptor) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
        descriptor->reset(fd);
      }
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
  }

  [[nodiscard]] Answer asked(admin::Kind kind) const {
    const auto socket = connect();
    const auto request = admin::encode(kind);
    EXPECT_EQ(::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
    std::array<std::byte, admin::kHeaderSize> head{};
    receive(socket.get(), head);
    const auto header = admin::decode_header(head);
    if (!header) throw std::runtime_error("no header");
    std::string text(header->json, '\0');
    receive(socket.get(), std::as_writable_bytes(std::span{text}));
    Answer answer{nlohmann::json::parse(text), std::vector<proto::Descriptor>(header->reports)};
    for (proto::Descriptor& report : answer.reports) {
      std::byte beside{};
      receive(socket.get(), {&beside, 1}, &report);
    }
    return answer;
  }

  static bool is_closed(const proto::Descriptor& socket) {
    char byte = 0;
    return ::recv(socket.get(), &byte, 1, 0) <= 0;
  }

  test::Directory directory_;
  asio::io_context io_{1};
  Status status_{.sockets = {"/run/sock"},
                 .configuration = "/etc/sspid.json",
                 .loaded = 17,
                 .workers = {{.identity = "service web", .pid = 1, .state = "ready"},
                             {.identity = "user 7", .pid = 2, .state = "ready"},
                             {.identity = "user 8", .pid = 3, .state = "busy", .restarts = 5},
                             {.identity = "user 9", .pid = 0, .state = "none"}},
                 .refusals = {{"no service matches", 4}}};
  std::optional<std::string> reload_error_;
  proto::Descriptor kept_;
  Admin admin_;
  std::jthread loop_;
};

TEST_F(AdminTest, tells_what_the_supervisor_knows) {
  const auto [json, reports] = asked(admin::Kind::status);
  EXPECT_TRUE(reports.empty());
  EXPECT_EQ(json.at("configuration"), "/etc/sspid.json");
  EXPECT_EQ(json.at("workers").size(), 4U);
  EXPECT_EQ(json.at("workers").at(2).at("restarts"), 5);
  EXPECT_EQ(json.at("refusals").at("no service matches"), 4);
  EXPECT_FALSE(json.contains("error"));
}

TEST_F(AdminTest, passes_on_the_pipes_of_the_workers_that_took_the_question) {
  const auto [json, reports] = asked(admin::Kind::reports);
  EXPECT_EQ(json.at("asked"), nlohmann::json::array({1, 2}));
  ASSERT_EQ(reports.size(), 2U);
  std::array<char, 8> text{};
  EXPECT_EQ(::read(reports[0].get(), text.data(), text.size()), 2);
  EXPECT_EQ(::read(reports[0].get(), text.data(), text.size()), 0) << "nobody else holds the pipe";
  EXPECT_EQ(::read(reports[1].get(), text.data(), text.size()), -1) << "the worker holds it";
}

TEST_F(AdminTest, tells_why_the_configuration_was_not_read_again) {
  EXPECT_FALSE(asked(admin::Kind::reload).json.contains("error"));
  reload_error_ = "/etc/sspid.json:1:2: there is no such key";
  EXPECT_EQ(asked(admin::Kind::reload).json.at("error"), *reload_error_);
}

TEST_F(AdminTest, ends_connections_that_ask_for_nothing_it_knows) {
  const auto garbage = connect();
  const std::array<char, admin::kRequestSize> zeros{};
  EXPECT_EQ(::send(garbage.get(), zeros.data(), zeros.size(), MSG_NOSIGNAL), static_cast<ssize_t>(zeros.size()));
  EXPECT_TRUE(is_closed(garbage));

  const auto half = connect();
  EXPECT_EQ(::send(half.get(), zeros.data(), 3, MSG_NOSIGNAL), 3);
  ::shutdown(half.get(), SHUT_WR);
  EXPECT_TRUE(is_closed(half));
}

TEST_F(AdminTest, serves_others_while_some_say_nothing_and_turns_away_what_is_too_much) {
  std::vector<proto::Descriptor> silent;
  for (int i = 0; i < 7; ++i) silent.push_back(connect());
  EXPECT_EQ(asked(admin::Kind::status).json.at("loaded"), 17);
  silent.push_back(connect());
  EXPECT_TRUE(is_closed(connect()));
}

TEST_F(AdminTest, its_socket_is_nobody_elses) {
  struct stat file {};
  ASSERT_EQ(::stat(path().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600U);
  EXPECT_EQ(file.st_uid, ::getuid());
}

TEST_F(AdminTest, lets_root_its_own_user_and_the_group_administer) {
  const auto socket = connect();
  const Peer root{.uid = 0, .gid = 0, .pid = 1};
  const Peer own{.uid = ::getuid(), .gid = 12345, .pid = 1};
  const Peer other{.uid = 54321, .gid = 12345, .pid = 1};
  EXPECT_TRUE(may_administer(socket.get(), root, std::nullopt));
  EXPECT_TRUE(may_administer(socket.get(), own, std::nullopt));
  EXPECT_FALSE(may_administer(socket.get(), other, std::nullopt));
  EXPECT_TRUE(may_administer(socket.get(), other, 12345));
  EXPECT_FALSE(may_administer(socket.get(), other, 54321));
}

}  // namespace
}  // namespace sspid::supervisor
