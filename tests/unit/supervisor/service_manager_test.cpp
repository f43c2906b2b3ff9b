// What the service manager passes is taken when it is right and meant for us, and it is told what it wants to know.
#include "daemon/supervisor/service_manager.h"

#include <array>
#include <cstring>
#include <functional>
#include <stdexcept>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"

namespace sspid::supervisor {
namespace {

struct Address {
  sockaddr_un name{};
  socklen_t size = 0;

  explicit Address(const std::string& path) {
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }
};

proto::Descriptor bound_to(const std::string& path, int type) {
  proto::Descriptor socket{::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)};
  const Address address{path};
  if (::bind(socket.get(), address.get(), address.size) != 0) throw std::runtime_error{"bind"};
  return socket;
}

proto::Descriptor listening_on(const std::string& path) {
  auto socket = bound_to(path, SOCK_STREAM);
  if (::listen(socket.get(), 1) != 0) throw std::runtime_error{"listen"};
  return socket;
}

class InheritedSocketsTest : public ::testing::Test {
 protected:
  // What `act` says, or throws, in a process that was passed these descriptors. Where they have to be, this process has
  // others.
  static std::string in_process_with(const std::vector<int>& passed, const std::function<std::string()>& act) {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const int answer = ::fcntl(ends[1], F_DUPFD_CLOEXEC, 100);
      // First out of the way: one may lie where another one goes.
      std::vector<int> moved;
      for (const int socket : passed) moved.push_back(::fcntl(socket, F_DUPFD, 100));
      for (std::size_t i = 0; i < moved.size(); ++i) ::dup2(moved[i], static_cast<int>(3 + i));
      ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
      ::setenv("LISTEN_FDS", std::to_string(passed.size()).c_str(), 1);
      std::string said;
      try {
        said = act();
      } catch (const std::runtime_error& error) {
        said = error.what();
      }
      ::_exit(::write(answer, said.data(), said.size()) == static_cast<ssize_t>(said.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    std::array<char, 1024> said{};
    const auto size = ::read(ends[0], said.data(), said.size());
    ::close(ends[0]);
    EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    return {said.data(), static_cast<std::size_t>(size < 0 ? 0 : size)};
  }

  static std::string taken(const std::string& path) {
    InheritedSockets inherited;
    const auto socket = inherited.take(path);
    if (!socket) return "none";
    const bool safe =
        (::fcntl(socket->get(), F_GETFD) & FD_CLOEXEC) != 0 && (::fcntl(socket->get(), F_GETFL) & O_NONBLOCK) != 0;
    inherited.refuse_rest();
    return std::to_string(socket->get()) + (safe ? " safe" : " unsafe") + (::getenv("LISTEN_FDS") ? " left" : " gone");
  }

  test::Directory directory_;
  const std::string path_ = directory_.file("sspid.sock");
  const proto::Descriptor listener_ = listening_on(path_);
};

TEST_F(InheritedSocketsTest, none_where_no_manager_passes_any) {
  ::unsetenv("LISTEN_FDS");
  InheritedSockets inherited;
  EXPECT_FALSE(inherited.take(path_));
  inherited.refuse_rest();
}

TEST_F(InheritedSocketsTest, a_listener_is_found_by_its_path_and_stays_with_this_process) {
  EXPECT_EQ(in_process_with({listener_.get()}, [&] { return taken(path_); }), "3 safe gone");
  EXPECT_EQ(in_process_with({listener_.get()}, [&] { return taken("/elsewhere"); }), "none");
}

TEST_F(InheritedSocketsTest, each_of_several_listeners_has_its_path) {
  const auto other = listening_on(directory_.file("web.sock"));
  const auto act = [&] {
    InheritedSockets inherited;
    const auto second = inherited.take(directory_.file("web.sock"));
    const auto first = inherited.take(path_);
    const auto again = inherited.take(path_);
    inherited.refuse_rest();
    return std::to_string(first->get()) + std::to_string(second->get()) + (again ? " again" : "");
  };
  EXPECT_EQ(in_process_with({listener_.get(), other.get()}, act), "34");
}

TEST_F(InheritedSocketsTest, what_was_meant_for_another_process_is_left_alone) {
  const auto act = [&] {
    ::setenv("LISTEN_PID", std::to_string(::getppid()).c_str(), 1);
    return taken(path_);
  };
  EXPECT_EQ(in_process_with({listener_.get()}, act), "none");
}

TEST_F(InheritedSocketsTest, a_socket_that_nothing_is_configured_for_is_refused_with_its_names) {
  const auto act = [&] {
    ::setenv("LISTEN_FDNAMES", "mine:web.socket", 1);
    return taken(path_);
  };
  const auto other = listening_on(directory_.file("web.sock"));
  const auto said = in_process_with({listener_.get(), other.get()}, act);
  EXPECT_NE(said.find("(web.socket)"), std::string::npos) << said;
  EXPECT_NE(said.find(directory_.file("web.sock")), std::string::npos) << said;
}

TEST_F(InheritedSocketsTest, what_is_no_unix_stream_listener_is_refused) {
  const auto act = [&] { return taken(path_); };
  const auto expect_refused = [&](int descriptor) {
    const auto said = in_process_with({descriptor}, act);
    EXPECT_NE(said.find("is no Unix stream socket that listens"), std::string::npos) << said;
  };
  const proto::Descriptor file{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  expect_refused(file.get());
  expect_refused(bound_to(directory_.file("silent"), SOCK_STREAM).get());
  expect_refused(bound_to(directory_.file("datagrams"), SOCK_DGRAM).get());
  expect_refused(listening_on(std::string{"\0sspid-test", 11} + std::to_string(::getpid())).get());
  const proto::Descriptor tcp{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  ASSERT_EQ(::listen(tcp.get(), 1), 0);
  expect_refused(tcp.get());
}

TEST_F(InheritedSocketsTest, a_count_that_is_none_is_refused) {
  for (const char* count : {"", "-1", "1x", "4294967297", "1000"}) {
    const auto act = [&] {
      ::setenv("LISTEN_FDS", count, 1);
      return taken(path_);
    };
    EXPECT_NE(in_process_with({}, act).find("LISTEN_FDS"), std::string::npos) << count;
  }
}

class ServiceManagerTest : public ::testing::TestWithParam<bool> {
 protected:
  ServiceManagerTest() {
    // Abstract names have no place in the file system; they are written with a leading @.
    const std::string name = directory_.file("notify");
    const bool abstract = GetParam();
    socket_ = bound_to(abstract ? '\0' + name.substr(1) : name, SOCK_DGRAM | SOCK_NONBLOCK);
    ::setenv("NOTIFY_SOCKET", (abstract ? '@' + name.substr(1) : name).c_str(), 1);
  }
  ~ServiceManagerTest() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }

  std::string told() const {
    std::array<char, 1024> bytes{};
    const auto size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    return {bytes.data(), static_cast<std::size_t>(size < 0 ? 0 : size)};
  }

  test::Directory directory_;
  proto::Descriptor socket_;
  asio::io_context io_;
};

TEST_P(ServiceManagerTest, is_told_each_turn_of_our_life) {
  ServiceManager manager;
  EXPECT_EQ(::getenv("NOTIFY_SOCKET"), nullptr) << "a child could speak in our name";
  manager.ready("serving");
  EXPECT_EQ(told(), "READY=1\nSTATUS=serving");
  manager.reloading();
  EXPECT_EQ(told().rfind("RELOADING=1\nMONOTONIC_USEC=", 0), 0U);
  manager.status("two services");
  EXPECT_EQ(told(), "STATUS=two services");
  manager.stopping("draining");
  EXPECT_EQ(told(), "STOPPING=1\nSTATUS=draining");
}

TEST_P(ServiceManagerTest, watchdog_is_fed_as_long_as_the_event_loop_turns) {
  ::setenv("WATCHDOG_USEC", "2000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  ServiceManager manager;
  asio::co_spawn(io_, manager.feed_watchdog(), asio::detached);
  for (int pings = 0; pings < 3;) {
    io_.run_one();
    for (std::string word; !(word = told()).empty(); ++pings) EXPECT_EQ(word, "WATCHDOG=1");
  }
}

TEST_P(ServiceManagerTest, there_is_no_watchdog_unless_it_watches_this_process) {
  const auto expect_silence = [this](const char* interval, pid_t watched) {
    ::setenv("NOTIFY_SOCKET", directory_.file("notify").c_str(), 1);
    ::setenv("WATCHDOG_USEC", interval, 1);
    ::setenv("WATCHDOG_PID", std::to_string(watched).c_str(), 1);
    ServiceManager manager;
    asio::co_spawn(io_, manager.feed_watchdog(), asio::detached);
    io_.run();
    io_.restart();
    EXPECT_EQ(told(), "") << interval;
  };
  expect_silence("2000", ::getppid());
  for (const char* interval : {"", "0", "-1", "soon"}) expect_silence(interval, ::getpid());
}

INSTANTIATE_TEST_SUITE_P(At, ServiceManagerTest, ::testing::Bool(),
                         [](const auto& abstract) { return abstract.param ? "an_abstract_name" : "a_path"; });

TEST(ServiceManager, nobody_is_told_where_there_is_none) {
  ::unsetenv("NOTIFY_SOCKET");
  ServiceManager manager;
  manager.ready("serving");
  ::setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
  ServiceManager unknown;
  unknown.ready("serving");
}

}  // namespace
}  // namespace sspid::supervisor
