#include "daemon/control.h"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <sys/socket.h>

namespace sspid::control {

namespace {

enum class Kind : std::uint32_t {
  connection = 1,
  keytab = 2,
  ready = 3,
  users = 4,
  grant = 5,
  client_keytab = 6,
  report = 7,
  idle = 8,
  alive = 9,
  turned_away = 10,
};

// Both ends are of one version and on one machine, so the host's byte order is good enough.
struct Layout {
  Kind kind;
  std::uint32_t fields[3];
  char unit[kMaxUnit + 1];
  char executable[kMaxExecutable + 1];
};
static_assert(sizeof(Layout) == kMessageSize);

Layout layout_of(Kind kind, std::uint32_t first = 0, std::uint32_t second = 0) {
  return {kind, {first, second, 0}, {}, {}};
}

template <std::size_t kSize>
void put(const std::string& text, char (&field)[kSize]) {
  text.copy(field, kSize - 1);
}

// The last byte is zero, or decode() does not find again what it made of it.
template <std::size_t kSize>
std::string get(const char (&field)[kSize]) {
  return {field, ::strnlen(field, kSize - 1)};
}

struct Encoder {
  Layout operator()(const Connection& message) const {
    const Peer& peer = message.peer;
    Layout layout{Kind::connection, {peer.uid, peer.gid, static_cast<std::uint32_t>(peer.pid)}, {}, {}};
    put(peer.unit, layout.unit);
    put(peer.executable, layout.executable);
    return layout;
  }
  Layout operator()(const Grant&) const { return layout_of(Kind::grant); }
  Layout operator()(const Keytab& message) const { return layout_of(Kind::keytab, message.present); }
  Layout operator()(const ClientKeytab& message) const { return layout_of(Kind::client_keytab, message.present); }
  Layout operator()(const Users& message) const { return layout_of(Kind::users, message.present); }
  Layout operator()(const Report&) const { return layout_of(Kind::report); }
  Layout operator()(const Ready&) const { return layout_of(Kind::ready); }
  Layout operator()(const Alive&) const { return layout_of(Kind::alive); }
  Layout operator()(const TurnedAway& message) const {
    return layout_of(Kind::turned_away, message.connections, message.by_quota);
  }
  Layout operator()(const Idle& message) const { return layout_of(Kind::idle, message.connections); }
};

Message interpret(const Layout& layout) {
  switch (layout.kind) {
    case Kind::connection:
      return Connection{{layout.fields[0], layout.fields[1], static_cast<pid_t>(layout.fields[2]), get(layout.unit),
                         get(layout.executable)}};
    case Kind::grant:
      return Grant{};
    case Kind::keytab:
      return Keytab{layout.fields[0] != 0};
    case Kind::client_keytab:
      return ClientKeytab{layout.fields[0] != 0};
    case Kind::users:
      return Users{layout.fields[0] != 0};
    case Kind::report:
      return Report{};
    case Kind::alive:
      return Alive{};
    case Kind::turned_away:
      return TurnedAway{layout.fields[0], layout.fields[1] != 0};
    case Kind::idle:
      return Idle{layout.fields[0]};
    default:
      return Ready{};
  }
}

// Room for one descriptor more than any message has, so that a second one is seen and not silently cut off.
struct AncillaryRoom {
  alignas(cmsghdr) std::byte bytes[CMSG_SPACE(2 * sizeof(int))];
};

// The first descriptor goes to `first`; false when there were more, which are closed.
bool take_descriptors(msghdr& header, proto::Descriptor& first) {
  bool alone = true;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
      proto::Descriptor descriptor{fd};
      if (first)
        alone = false;
      else
        first = std::move(descriptor);
    }
  }
  return alone && (header.msg_flags & MSG_CTRUNC) == 0;
}

}  // namespace

std::array<std::byte, kMessageSize> encode(const Message& message) {
  const Layout layout = std::visit(Encoder{}, message);
  std::array<std::byte, kMessageSize> bytes;
  std::memcpy(bytes.data(), &layout, sizeof layout);
  return bytes;
}

std::optional<Message> decode(std::span<const std::byte> bytes) {
  if (bytes.size() != kMessageSize) return std::nullopt;
  Layout layout;
  std::memcpy(&layout, bytes.data(), sizeof layout);
  Message message = interpret(layout);
  // Unknown kinds, and fields that should be zero and are not, do not survive the way back.
  const auto again = encode(message);
  if (std::memcmp(again.data(), bytes.data(), kMessageSize) != 0) return std::nullopt;
  return message;
}

bool carries_descriptor(const Message& message) {
  struct {
    bool operator()(const Connection&) const { return true; }
    bool operator()(const Grant&) const { return true; }
    bool operator()(const Keytab& keytab) const { return keytab.present; }
    bool operator()(const ClientKeytab& keytab) const { return keytab.present; }
    bool operator()(const Users& users) const { return users.present; }
    bool operator()(const Report&) const { return true; }
    bool operator()(const Ready&) const { return false; }
    bool operator()(const Alive&) const { return false; }
    bool operator()(const TurnedAway&) const { return false; }
    bool operator()(const Idle&) const { return false; }
  } carries;
  return std::visit(carries, message);
}

Sent send(int socket, const Message& message, int descriptor) {
  auto bytes = encode(message);
  iovec part{bytes.data(), bytes.size()};
  AncillaryRoom room{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (descriptor >= 0) {
    header.msg_control = room.bytes;
    header.msg_controllen = CMSG_SPACE(sizeof(int));
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  }
  ssize_t sent = -1;
  do sent = ::sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  if (sent >= 0) return Sent::done;
  // ETOOMANYREFS: too many descriptors are under way; like a full queue it passes when the other side reads.
  return errno == EAGAIN || errno == ETOOMANYREFS ? Sent::queue_full : Sent::peer_gone;
}

std::variant<Received, Nothing, Closed, Malformed> receive(int socket) {
  std::array<std::byte, kMessageSize> bytes;
  iovec part{bytes.data(), bytes.size()};
  AncillaryRoom room{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = room.bytes;
  header.msg_controllen = sizeof room.bytes;
  ssize_t got = -1;
  do got = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return Nothing{};
  if (got <= 0) return Closed{};

  Received received;
  if (!take_descriptors(header, received.descriptor) || (header.msg_flags & MSG_TRUNC) != 0) return Malformed{};
  const auto message = decode(std::span{bytes}.first(static_cast<std::size_t>(got)));
  if (!message || carries_descriptor(*message) != static_cast<bool>(received.descriptor)) return Malformed{};
  received.message = *message;
  return received;
}

}  // namespace sspid::control
