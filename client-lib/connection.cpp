#include "client-lib/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client-lib/impersonation.h"
#include "client-lib/iovecs.h"
#include "client-lib/standard_streams.h"
#include "proto/limits.h"

namespace sspi {

namespace {

// Holds the reply to every call but one that returns a large token.
constexpr std::size_t kUsualBuffer = std::size_t{8} << 10;

// Where the payload of a reply with a fixed table begins.
constexpr std::size_t kFixedPart = proto::kHeaderSize + proto::kMessageReplyTable;

iovec part(const void* memory, std::size_t length) {
  return {const_cast<void*>(memory), length};  // iovec serves reading and writing alike and has no const
}

bool is_trusted(int socket) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
  return peer.uid == 0 || peer.uid == geteuid();
}

int flag(Pace pace) { return pace == Pace::nonblocking ? MSG_DONTWAIT : 0; }

ssize_t receive_once(int socket, std::span<iovec> parts, int flags) {
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  ssize_t count;
  do {
    count = recvmsg(socket, &message, flags);
  } while (count < 0 && errno == EINTR);
  return count;
}

}  // namespace

Connection::Connection(proto::Descriptor socket) : socket_(std::move(socket)) { grow(kUsualBuffer, 0); }

Connection::~Connection() {
  if (used_ != 0) explicit_bzero(buffer_.get(), used_);
}

std::unique_ptr<Connection> Connection::open(const std::string& path, Pace pace, int& error) {
  const AsProcess as_process;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  error = ENAMETOOLONG;
  if (path.size() >= sizeof address.sun_path) return nullptr;
  std::memcpy(address.sun_path, path.data(), path.size());

  const int kind = SOCK_STREAM | SOCK_CLOEXEC | (pace == Pace::nonblocking ? SOCK_NONBLOCK : 0);
  proto::Descriptor socket = above_standard_streams(proto::Descriptor(::socket(AF_UNIX, kind, 0)));
  error = errno;
  if (!socket) return nullptr;
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    error = errno;
    return nullptr;
  }
  // From here on each step says for itself whether it blocks.
  if (pace == Pace::nonblocking) fcntl(socket.get(), F_SETFL, 0);
  error = EPERM;
  if (!is_trusted(socket.get())) return nullptr;
  error = 0;
  return std::make_unique<Connection>(std::move(socket));
}

// A supervisor that refuses closes without reading: its answer is there although the Hello could not be sent. A Hello
// always fits a socket that nothing was sent on yet.
void Connection::greet(const proto::SessionKey* key) {
  TableBuilder builder;
  const auto table = builder.finish(proto::CreateHelloRequest(builder, proto::kMinVersion, proto::kMaxVersion, 0, key));
  begin({.opcode = proto::Opcode::Hello, .table = table}, {});
  (void)send(Pace::blocking);
  await_reply();
}

std::optional<Greeting> Connection::greeting(Pace pace) {
  Reply reply;
  Greeting greeting;
  const Sent sent = receive(pace, reply);
  if (sent == Sent::until_readable) return std::nullopt;
  if (sent != Sent::answered) {
    greeting.kind = got_ == 0 ? Greeting::Kind::closed : Greeting::Kind::fault;
    return greeting;
  }
  if (reply.header.opcode == proto::Opcode::Refused) {
    dead_ = true;
    greeting.kind = Greeting::Kind::refused;
    greeting.refusal = static_cast<proto::Refusal>(reply.header.request);
    return greeting;
  }

  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(reply.table.data()), reply.table.size());
  const auto* hello = flatbuffers::GetRoot<proto::HelloReply>(reply.table.data());
  greeting.kind = Greeting::Kind::fault;
  if (!verifier.VerifyBuffer<proto::HelloReply>(nullptr)) return greeting;
  greeting.status = hello->status();
  if (hello->detail() != nullptr) greeting.text = hello->detail()->str();
  if (greeting.status != SEC_E_OK) {
    greeting.kind = Greeting::Kind::rejected;
    return greeting;
  }
  if (hello->version() < proto::kMinVersion || hello->version() > proto::kMaxVersion) return greeting;
  if (hello->session() == nullptr) return greeting;
  greeting.kind = Greeting::Kind::welcome;
  greeting.session = *hello->session();
  if (hello->default_cache() != nullptr) greeting.default_cache = hello->default_cache()->str();
  if (hello->default_realm() != nullptr) greeting.default_realm = hello->default_realm()->str();
  return greeting;
}

Sent Connection::transact(const Request& request, std::span<const iovec> places, Reply& reply) {
  begin(request, places);
  return advance(Pace::blocking, reply);
}

void Connection::begin(const Request& request, std::span<const iovec> places) {
  phase_ = Phase::sending;
  opcode_ = request.opcode;
  scattered_ = proto::has_fixed_reply_table(request.opcode);
  descriptor_ = request.descriptor;
  nothing_sent_ = true;
  places_ = places;
  request_header_ = proto::encode_header({.table = static_cast<std::uint32_t>(request.table.size()),
                                          .payload = static_cast<std::uint32_t>(total(request.payload)),
                                          .request = ++last_request_,
                                          .opcode = request.opcode});
  rest_ = {};
  if (request.payload.size() > kMostParts - 2 || places.size() > kMostParts - 2) return;  // which no call has
  storage_[0] = part(request_header_.data(), request_header_.size());
  storage_[1] = part(request.table.data(), request.table.size());
  std::copy(request.payload.begin(), request.payload.end(), storage_.begin() + 2);
  rest_ = std::span(storage_).first(request.payload.size() + 2);
}

Sent Connection::advance(Pace pace, Reply& reply) {
  if (phase_ == Phase::sending) {
    const Sent sent = send(pace);
    if (sent != Sent::answered || proto::is_one_way(opcode_)) return sent;
    await_reply();
  }
  return receive(pace, reply);
}

Sent Connection::send(Pace pace) {
  if (dead_) return Sent::not_sent;
  if (nothing_sent_ && rest_.empty()) return Sent::broken;

  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  if (descriptor_ >= 0 && nothing_sent_) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &descriptor_, sizeof(int));
  }

  while (!(rest_ = drop_front(rest_, 0)).empty()) {
    message.msg_iov = rest_.data();
    message.msg_iovlen = rest_.size();
    const ssize_t count = sendmsg(socket_.get(), &message, MSG_NOSIGNAL | flag(pace));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN && pace == Pace::nonblocking) return Sent::until_writable;
    if (count < 0) {
      dead_ = true;
      return nothing_sent_ ? Sent::not_sent : Sent::broken;
    }
    rest_ = drop_front(rest_, static_cast<std::size_t>(count));
    message.msg_control = nullptr;  // the descriptor went with the first byte
    message.msg_controllen = 0;
    nothing_sent_ = false;
  }
  return Sent::answered;
}

// Where the reply goes: into the buffer; the payload of a message first into its places, which lie behind the fixed
// part.
void Connection::await_reply() {
  phase_ = Phase::header;
  got_ = 0;
  used_ = 0;
  if (!scattered_) {
    storage_[0] = part(buffer_.get(), capacity_);
    rest_ = std::span(storage_).first(1);
    return;
  }
  used_ = capacity_;
  storage_[0] = part(buffer_.get(), kFixedPart);
  std::copy(places_.begin(), places_.end(), storage_.begin() + 1);
  storage_[places_.size() + 1] = part(buffer_.get() + kFixedPart, capacity_ - kFixedPart);
  rest_ = std::span(storage_).first(places_.size() + 2);
}

Sent Connection::receive(Pace pace, Reply& reply) {
  if (phase_ == Phase::header) {
    if (const Sent sent = receive_until(proto::kHeaderSize, pace, 0); sent != Sent::answered) return sent;
    if (!take_header()) {
      dead_ = true;
      return Sent::broken;
    }
    phase_ = Phase::body;
  }
  const std::size_t size = proto::kHeaderSize + header_.body();
  if (const Sent sent = receive_until(size, pace, MSG_WAITALL); sent != Sent::answered) return sent;

  const std::size_t fixed = proto::kHeaderSize + header_.table;
  const std::size_t scattered = scattered_ ? std::min<std::size_t>(total(places_), header_.payload) : 0;
  used_ = size - scattered;
  reply.header = header_;
  reply.table = std::span(buffer_.get() + proto::kHeaderSize, header_.table);
  reply.payload = std::span(buffer_.get() + fixed, header_.payload - scattered);
  return Sent::answered;
}

// Once the header is here `rest_` is no more than what belongs to the frame, so that a receive can wait for all of it.
Sent Connection::receive_until(std::size_t count, Pace pace, int flags) {
  while (got_ < count) {
    const ssize_t got = receive_once(socket_.get(), rest_, pace == Pace::blocking ? flags : flag(pace));
    if (got < 0 && errno == EAGAIN && pace == Pace::nonblocking) return Sent::until_readable;
    if (got <= 0) {
      dead_ = true;
      return Sent::broken;
    }
    got_ += static_cast<std::size_t>(got);
    if (!scattered_) used_ = got_;
    rest_ = drop_front(rest_, static_cast<std::size_t>(got));
  }
  return Sent::answered;
}

// Whether the header may be the reply's. Then there is room for all that is to come.
bool Connection::take_header() {
  header_ = proto::decode_header(std::span<const std::byte, proto::kHeaderSize>(buffer_.get(), proto::kHeaderSize));
  const std::size_t size = proto::kHeaderSize + header_.body();
  if (!acceptable(header_) || got_ > size) return false;
  if (scattered_) {
    if (header_.table != proto::kMessageReplyTable || size - got_ > total(rest_)) return false;
    rest_ = keep_front(rest_, size - got_);
    return true;
  }
  if (header_.payload > proto::kMaxToken) return false;
  if (size > capacity_) grow(size, got_);
  storage_[0] = part(buffer_.get() + got_, size - got_);
  rest_ = std::span(storage_).first(1);
  return true;
}

bool Connection::acceptable(const proto::FrameHeader& header) const {
  if (!proto::within_limits(header)) return false;
  if (opcode_ == proto::Opcode::Hello && header.opcode == proto::Opcode::Refused) return header.body() == 0;
  return header.opcode == opcode_ && header.request == last_request_ && header.flags == proto::kReplyFlag;
}

bool Connection::hung_up() const {
  if (dead_ || !socket_.is_ours()) return true;
  pollfd watched{.fd = socket_.get(), .events = POLLRDHUP, .revents = 0};
  const int ready = poll(&watched, 1, 0);
  return ready < 0 ? errno != EINTR : (watched.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void Connection::tidy() {
  if (used_ != 0) explicit_bzero(buffer_.get(), used_);
  used_ = 0;
  if (capacity_ > kUsualBuffer) grow(kUsualBuffer, 0);
}

void Connection::grow(std::size_t size, std::size_t keep) {
  std::unique_ptr<std::byte[]> larger(new std::byte[size]);
  if (keep != 0) std::memcpy(larger.get(), buffer_.get(), keep);
  if (keep != 0) explicit_bzero(buffer_.get(), keep);
  buffer_ = std::move(larger);
  capacity_ = size;
}

}  // namespace sspi
