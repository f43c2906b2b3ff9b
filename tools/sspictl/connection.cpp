#include "connection.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "proto/limits.h"

namespace sspictl {

namespace proto = sspid::proto;

namespace {

using namespace std::chrono_literals;

// Between two looks whether the daemon is there by now.
constexpr auto kPoll = 10ms;

std::string reason() { return std::system_category().message(errno); }

std::string text_of(std::uint32_t refusal) {
  switch (static_cast<proto::Refusal>(refusal)) {
    case proto::Refusal::not_served:
      return "refused: this user is not served";
    case proto::Refusal::too_many:
      return "refused: too many connections";
    case proto::Refusal::shutting_down:
      return "refused: the daemon is stopping";
  }
  return "refused";
}

Exit exit_of(std::uint32_t refusal) {
  return static_cast<proto::Refusal>(refusal) == proto::Refusal::not_served ? Exit::forbidden : Exit::unreachable;
}

}  // namespace

Connection::Connection(const std::string& path, Deadline deadline) : deadline_(deadline) {
  while (true) {
    try {
      connect(path);
      hello();
      return;
    } catch (const Gone&) {
      if (std::chrono::steady_clock::now() + kPoll >= deadline_) throw;
    }
    std::this_thread::sleep_for(kPoll);
  }
}

void Connection::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw Failure{"the socket's path is too long: " + path};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  socket_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_) throw Failure{"no socket: " + reason()};
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
  const auto what = "no daemon on " + path + ": " + reason();
  // EAGAIN: it is there, and its queue is full.
  if (errno == ENOENT || errno == ECONNREFUSED || errno == EAGAIN) throw Gone{what};
  throw Failure{what, errno == EACCES ? Exit::forbidden : Exit::unreachable};
}

void Connection::hello() {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(proto::CreateHelloRequest(builder, proto::kMinVersion, proto::kMaxVersion));
  const auto& reply = call<proto::HelloReply>(proto::Opcode::Hello, builder);
  if (reply.status() == 0) return;
  throw Failure{"the daemon does not take this sspictl" + (reply.detail() ? ": " + reply.detail()->str() : "")};
}

void Connection::exchange(proto::Opcode opcode, const flatbuffers::FlatBufferBuilder& request) {
  const proto::FrameHeader asked{.table = request.GetSize(), .request = ++requests_, .opcode = opcode};
  const auto header = proto::encode_header(asked);
  std::vector<std::byte> frame{header.begin(), header.end()};
  const auto* table = reinterpret_cast<const std::byte*>(request.GetBufferPointer());
  frame.insert(frame.end(), table, table + request.GetSize());
  send(frame.data(), frame.size());

  std::array<std::byte, proto::kHeaderSize> head;
  receive(head.data(), head.size());
  const auto answer = proto::decode_header(head);
  if (answer.opcode == proto::Opcode::Refused) throw Failure{text_of(answer.request), exit_of(answer.request)};
  if (answer.opcode != opcode || answer.request != requests_ || !proto::within_limits(answer))
    throw Failure{"the daemon's answer cannot be understood"};
  answer_.resize(answer.body());
  receive(answer_.data(), answer_.size());
  answer_.resize(answer.table);
}

void Connection::send(const void* bytes, std::size_t size) {
  const auto* at = static_cast<const std::byte*>(bytes);
  while (size > 0) {
    const auto sent = ::send(socket_.get(), at, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      await(POLLOUT);
    } else if (sent < 0 && errno != EINTR) {
      return;  // a refusal may be there to be read: receive() finds out
    } else if (sent > 0) {
      at += sent;
      size -= static_cast<std::size_t>(sent);
    }
  }
}

void Connection::receive(void* bytes, std::size_t size) {
  auto* at = static_cast<std::byte*>(bytes);
  while (size > 0) {
    const auto got = ::recv(socket_.get(), at, size, 0);
    if (got > 0) {
      at += got;
      size -= static_cast<std::size_t>(got);
    } else if (got == 0 || errno == ECONNRESET) {
      throw Gone{"the daemon closed the connection"};
    } else if (errno == EAGAIN) {
      await(POLLIN);
    } else if (errno != EINTR) {
      throw Failure{"the connection broke: " + reason()};
    }
  }
}

void Connection::await(short events) const {
  using std::chrono::milliseconds;
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - std::chrono::steady_clock::now());
  pollfd socket{socket_.get(), events, 0};
  const int ready = ::poll(&socket, 1, static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 1'000'000'000)));
  if (ready == 0) throw Failure{"the daemon does not answer"};
  if (ready < 0 && errno != EINTR) throw Failure{"poll: " + reason()};
}

}  // namespace sspictl
