#include "daemon/supervisor/embedded_listener.h"

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include "proto/embedded.h"

namespace sspid::supervisor {

namespace {

bool is_socket_of_type(int descriptor, int type) {
  int domain = 0;
  int actual = 0;
  socklen_t size = sizeof domain;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_UNIX) return false;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &actual, &size) == 0 && actual == type;
}

// Room for one descriptor more than a message has, so that a second one is seen.
struct AncillaryRoom {
  alignas(cmsghdr) std::byte bytes[CMSG_SPACE(2 * sizeof(int))];
};

// The first one; all others are closed.
proto::Descriptor take_descriptor(msghdr& header) {
  proto::Descriptor first;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
      proto::Descriptor descriptor{fd};
      if (!first) first = std::move(descriptor);
    }
  }
  return first;
}

enum class Taken { connection, nothing, end };

// A message has one byte, for which no room is given: MSG_TRUNC tells its length nevertheless, and so the message from
// the end.
Taken take(int pair, const EmbeddedListener::Accepted& accepted) {
  AncillaryRoom room{};
  msghdr header{};
  header.msg_control = room.bytes;
  header.msg_controllen = sizeof room.bytes;
  ssize_t length = -1;
  do length = ::recvmsg(pair, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT | MSG_TRUNC);
  while (length < 0 && errno == EINTR);
  if (length < 0 && errno == EAGAIN) return Taken::nothing;
  if (length <= 0) return Taken::end;

  proto::Descriptor socket = take_descriptor(header);
  if (!socket || !is_socket_of_type(socket.get(), SOCK_STREAM)) {
    // Out of descriptors, if the other side is libsspi. The connection is closed, which it takes for a try in vain.
    spdlog::warn("what was passed is no connection");
    return Taken::connection;
  }
  ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  accepted(std::move(socket));
  return Taken::connection;
}

}  // namespace

proto::Descriptor inherited_pair() {
  if (!is_socket_of_type(proto::kEmbeddedSocket, SOCK_SEQPACKET))
    throw std::runtime_error{"--embedded is for libsspi only: it passes a socket"};
  ::fcntl(proto::kEmbeddedSocket, F_SETFD, FD_CLOEXEC);
  return proto::Descriptor{proto::kEmbeddedSocket};
}

void forget_the_program_s_ways() {
  for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_DFL);  // two of them cannot be changed
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const char* name :
       {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
    ::unsetenv(name);
}

EmbeddedListener::EmbeddedListener(const asio::any_io_executor& executor, proto::Descriptor pair)
    : pair_(executor, pair.release()) {}

asio::awaitable<void> EmbeddedListener::accept(Accepted accepted) {
  while (pair_.is_open()) {
    switch (take(pair_.native_handle(), accepted)) {
      case Taken::connection:
        break;
      case Taken::nothing:
        if (const auto [error] = co_await pair_.async_wait(asio::posix::descriptor_base::wait_read, no_throw); error)
          co_return;
        break;
      case Taken::end:
        co_return;
    }
  }
}

void EmbeddedListener::close() {
  boost::system::error_code ignored;
  pair_.close(ignored);
}

}  // namespace sspid::supervisor
