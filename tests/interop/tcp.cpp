#include "tcp.h"

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "support/process.h"

namespace sspid::test {

namespace {

[[noreturn]] void throw_errno(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

proto::Descriptor new_socket() {
  proto::Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!socket) throw_errno("socket");
  return socket;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void be_patient(const proto::Descriptor& socket) {
  const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0)
    throw_errno("setsockopt");
}

}  // namespace

TcpStream::TcpStream(std::uint16_t port) : TcpStream(new_socket()) {
  const sockaddr_in address = loopback(port);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw_errno("connect");
}

TcpStream::TcpStream(proto::Descriptor socket) : socket_(std::move(socket)) { be_patient(socket_); }

void TcpStream::send(const Bytes& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n < 0) throw_errno("send");
    sent += static_cast<std::size_t>(n);
  }
}

Bytes TcpStream::receive(std::size_t count) {
  Bytes result(count);
  for (std::size_t have = 0; have < count;) {
    const ssize_t n = ::recv(socket_.get(), result.data() + have, count - have, 0);
    if (n < 0) throw_errno("recv");
    if (n == 0) throw std::runtime_error("the peer closed the connection");
    have += static_cast<std::size_t>(n);
  }
  return result;
}

std::string TcpStream::receive_until(std::string_view end) {
  std::string result;
  while (!result.ends_with(end)) result += text_of(receive(1));
  return result;
}

bool TcpStream::ended() {
  char byte = 0;
  const ssize_t n = ::recv(socket_.get(), &byte, 1, 0);
  return n == 0 || (n < 0 && errno == ECONNRESET);
}

TcpListener::TcpListener() : socket_(new_socket()) {
  be_patient(socket_);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(socket_.get(), 8) != 0 ||
      ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
    throw_errno("listen");
  port_ = ntohs(address.sin_port);
}

TcpStream TcpListener::accept() {
  proto::Descriptor peer{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  if (!peer) throw_errno("accept");
  return TcpStream(std::move(peer));
}

}  // namespace sspid::test
