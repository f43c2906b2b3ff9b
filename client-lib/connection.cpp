#include "client-lib/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "client-lib/iovecs.h"
#include "proto/limits.h"

namespace sspi {

namespace {

// Holds the reply to every call but one that returns a large token.
constexpr std::size_t kUsualBuffer = std::size_t{8} << 10;

// Where the payload of a reply with a fixed table begins.
constexpr std::size_t kFixedPart = proto::kHeaderSize + proto::kMessageReplyTable;

// header, table, the caller's buffers with the TOKEN and PADDING among them
constexpr std::size_t kMostParts = proto::kMaxSegments + 4;

iovec part(const void* memory, std::size_t length) {
  return {const_cast<void*>(memory), length};  // iovec serves reading and writing alike and has no const
}

// Standard input, output and error may be closed; a socket in their place would get what the program prints.
proto::Descriptor above_standard_streams(proto::Descriptor socket) {
  if (!socket || socket.get() > STDERR_FILENO) return socket;
  return proto::Descriptor(fcntl(socket.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

bool is_trusted(int socket) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
  return peer.uid == 0 || peer.uid == geteuid();
}

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

bool receive_all(int socket, std::span<iovec> parts, std::size_t count) {
  parts = keep_front(parts, count);
  while (count != 0) {
    const ssize_t got = receive_once(socket, parts, MSG_WAITALL);
    if (got <= 0) return false;
    count -= static_cast<std::size_t>(got);
    parts = drop_front(parts, static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace

Connection::Connection(proto::Descriptor socket) : socket_(std::move(socket)) {
  struct stat status {};
  if (fstat(socket_.get(), &status) == 0) {
    device_ = status.st_dev;
    inode_ = status.st_ino;
  }
  grow(kUsualBuffer, 0);
}

Connection::~Connection() {
  if (used_ != 0) explicit_bzero(buffer_.get(), used_);
  // A number that the program closed and uses for something of its own by now is not ours to close.
  if (!is_our_socket()) (void)socket_.release();
}

std::unique_ptr<Connection> Connection::open(const std::string& path, int& error) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  error = ENAMETOOLONG;
  if (path.size() >= sizeof address.sun_path) return nullptr;
  std::memcpy(address.sun_path, path.data(), path.size());

  proto::Descriptor socket =
      above_standard_streams(proto::Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  error = errno;
  if (!socket) return nullptr;
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    error = errno;
    return nullptr;
  }
  error = EPERM;
  if (!is_trusted(socket.get())) return nullptr;
  error = 0;
  return std::make_unique<Connection>(std::move(socket));
}

Greeting Connection::greet(const proto::SessionKey* key) {
  TableBuilder builder;
  const auto table = builder.finish(proto::CreateHelloRequest(builder, proto::kMinVersion, proto::kMaxVersion, 0, key));
  const Request request{.opcode = proto::Opcode::Hello, .table = table};

  // A supervisor that refuses closes without reading: its answer is there although the Hello could not be sent.
  (void)send(request);
  Reply reply;
  Greeting greeting;
  if (!receive(request, reply)) {
    dead_ = true;
    greeting.kind = used_ == 0 ? Greeting::Kind::closed : Greeting::Kind::fault;
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
  return greeting;
}

Sent Connection::transact(const Request& request, std::span<const iovec> places, Reply& reply) {
  const Sent sent = send(request);
  if (sent != Sent::answered) return sent;
  const bool received = proto::has_fixed_reply_table(request.opcode) ? receive_scattered(request, places, reply)
                                                                     : receive(request, reply);
  if (received) return Sent::answered;
  dead_ = true;
  return Sent::broken;
}

Sent Connection::post(const Request& request) { return send(request); }

Sent Connection::send(const Request& request) {
  if (dead_) return Sent::not_sent;
  const auto header = proto::encode_header({.table = static_cast<std::uint32_t>(request.table.size()),
                                            .payload = static_cast<std::uint32_t>(total(request.payload)),
                                            .request = ++last_request_,
                                            .opcode = request.opcode});
  std::array<iovec, kMostParts> storage;
  if (request.payload.size() > storage.size() - 2) return Sent::broken;
  storage[0] = part(header.data(), header.size());
  storage[1] = part(request.table.data(), request.table.size());
  std::copy(request.payload.begin(), request.payload.end(), storage.begin() + 2);
  std::span<iovec> parts = std::span(storage).first(request.payload.size() + 2);

  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  if (request.descriptor >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &request.descriptor, sizeof(int));
  }

  bool first = true;
  while (!(parts = drop_front(parts, 0)).empty()) {
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t count = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      dead_ = true;
      return first ? Sent::not_sent : Sent::broken;
    }
    parts = drop_front(parts, static_cast<std::size_t>(count));
    message.msg_control = nullptr;  // the descriptor went with the first byte
    message.msg_controllen = 0;
    first = false;
  }
  return Sent::answered;
}

bool Connection::acceptable(const proto::FrameHeader& header, const Request& request) const {
  if (!proto::within_limits(header)) return false;
  if (request.opcode == proto::Opcode::Hello && header.opcode == proto::Opcode::Refused) return header.body() == 0;
  return header.opcode == request.opcode && header.request == last_request_ && header.flags == proto::kReplyFlag;
}

bool Connection::receive(const Request& request, Reply& reply) {
  used_ = 0;
  while (used_ < proto::kHeaderSize) {
    std::array<iovec, 1> rest{part(buffer_.get() + used_, capacity_ - used_)};
    const ssize_t got = receive_once(socket_.get(), rest, 0);
    if (got <= 0) return false;
    used_ += static_cast<std::size_t>(got);
  }
  reply.header =
      proto::decode_header(std::span<const std::byte, proto::kHeaderSize>(buffer_.get(), proto::kHeaderSize));
  if (!acceptable(reply.header, request) || reply.header.payload > proto::kMaxToken) return false;

  const std::size_t size = proto::kHeaderSize + reply.header.body();
  if (used_ > size) return false;
  if (size > capacity_) grow(size, used_);
  std::array<iovec, 1> rest{part(buffer_.get() + used_, size - used_)};
  if (!receive_all(socket_.get(), rest, size - used_)) return false;
  used_ = size;
  reply.table = std::span(buffer_.get() + proto::kHeaderSize, reply.header.table);
  reply.payload = std::span(buffer_.get() + proto::kHeaderSize + reply.header.table, reply.header.payload);
  return true;
}

bool Connection::receive_scattered(const Request& request, std::span<const iovec> places, Reply& reply) {
  std::array<iovec, kMostParts> storage;
  if (places.size() > storage.size() - 2) return false;
  storage[0] = part(buffer_.get(), kFixedPart);
  std::copy(places.begin(), places.end(), storage.begin() + 1);
  storage[places.size() + 1] = part(buffer_.get() + kFixedPart, capacity_ - kFixedPart);
  std::span<iovec> parts = std::span(storage).first(places.size() + 2);
  const std::size_t room = total(parts);

  used_ = 0;
  std::size_t got_so_far = 0;
  while (got_so_far < proto::kHeaderSize) {
    const ssize_t got = receive_once(socket_.get(), parts, 0);
    if (got <= 0) return false;
    got_so_far += static_cast<std::size_t>(got);
    parts = drop_front(parts, static_cast<std::size_t>(got));
  }
  used_ = capacity_;
  reply.header =
      proto::decode_header(std::span<const std::byte, proto::kHeaderSize>(buffer_.get(), proto::kHeaderSize));
  const std::size_t size = proto::kHeaderSize + reply.header.body();
  if (!acceptable(reply.header, request) || reply.header.table != proto::kMessageReplyTable) return false;
  if (size > room || got_so_far > size) return false;
  if (!receive_all(socket_.get(), parts, size - got_so_far)) return false;

  const std::size_t scattered = std::min<std::size_t>(total(places), reply.header.payload);
  used_ = kFixedPart + reply.header.payload - scattered;
  reply.table = std::span(buffer_.get() + proto::kHeaderSize, proto::kMessageReplyTable);
  reply.payload = std::span(buffer_.get() + kFixedPart, reply.header.payload - scattered);
  return true;
}

bool Connection::hung_up() const {
  if (dead_ || !is_our_socket()) return true;
  pollfd watched{.fd = socket_.get(), .events = POLLRDHUP, .revents = 0};
  const int ready = poll(&watched, 1, 0);
  return ready < 0 ? errno != EINTR : (watched.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

bool Connection::is_our_socket() const {
  struct stat status {};
  return fstat(socket_.get(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
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
