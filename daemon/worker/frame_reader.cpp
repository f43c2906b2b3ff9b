#include "daemon/worker/frame_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <string.h>
#include <sys/socket.h>

#include "proto/limits.h"

namespace sspid::worker {

namespace {

// What a connection starts with: every call but those with large messages fits.
constexpr std::size_t kSmall = std::size_t{16} << 10;

// Kept between frames, so that a stream of 64 KiB messages does not allocate for each. What is larger is given back.
constexpr std::size_t kKept = std::size_t{96} << 10;

// FlatBuffers reads its numbers in place: the table, behind a header of 16 bytes, needs this alignment.
static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ % 8 == 0 && proto::kHeaderSize % 8 == 0);

// Room for more descriptors than a frame may have, so that a client that sends them is noticed.
struct AncillaryRoom {
  alignas(cmsghdr) std::byte bytes[CMSG_SPACE((proto::kMaxDescriptors + 1) * sizeof(int))];
};

// What came along: at most one descriptor; nothing when there were more, which are closed.
std::optional<proto::Descriptor> take_descriptor(msghdr& message) {
  proto::Descriptor taken;
  bool too_many = (message.msg_flags & MSG_CTRUNC) != 0;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
      proto::Descriptor descriptor{fd};
      too_many |= static_cast<bool>(taken);
      taken = std::move(descriptor);
    }
  }
  if (too_many) return std::nullopt;
  return taken;
}
static_assert(proto::kMaxDescriptors == 1);

}  // namespace

ReceiveBuffer::ReceiveBuffer(std::size_t capacity)
    : bytes_(std::make_unique_for_overwrite<std::byte[]>(capacity)), capacity_(capacity) {}

ReceiveBuffer::ReceiveBuffer(ReceiveBuffer&& other) noexcept
    : bytes_(std::move(other.bytes_)),
      capacity_(std::exchange(other.capacity_, 0)),
      written_(std::exchange(other.written_, 0)) {}

ReceiveBuffer& ReceiveBuffer::operator=(ReceiveBuffer&& other) noexcept {
  wipe();
  bytes_ = std::move(other.bytes_);
  capacity_ = std::exchange(other.capacity_, 0);
  written_ = std::exchange(other.written_, 0);
  return *this;
}

ReceiveBuffer::~ReceiveBuffer() { wipe(); }

void ReceiveBuffer::wipe() {
  if (bytes_) ::explicit_bzero(bytes_.get(), written_);
}

FrameReader::FrameReader(int socket) : socket_(socket), buffer_(kSmall) {}

FrameReader::Outcome FrameReader::advance() {
  while (true) {
    if (const auto outcome = examine()) return *outcome;
    if (const auto outcome = receive()) return *outcome;
  }
}

void FrameReader::release() {
  const std::size_t size = proto::kHeaderSize + frame_.header.body();
  std::memmove(buffer_.data(), buffer_.data() + size, have_ - size);
  have_ -= size;
  if (arrival_) {
    arrival_->begin -= std::min(arrival_->begin, size);
    arrival_->end -= size;
  }
  frame_ = Frame{};
  if (buffer_.capacity() > kKept) resize(std::max(kSmall, have_));
}

// What the bytes that are here amount to; nothing when more are needed.
std::optional<FrameReader::Outcome> FrameReader::examine() {
  if (have_ < proto::kHeaderSize) {
    if (!claim_descriptor(have_)) return Outcome::malformed;
    return std::nullopt;
  }
  const auto header =
      proto::decode_header(std::span<const std::byte, proto::kHeaderSize>{buffer_.data(), proto::kHeaderSize});
  if (!proto::within_limits(header)) return Outcome::malformed;
  const std::size_t size = proto::kHeaderSize + header.body();
  if (!claim_descriptor(size)) return Outcome::malformed;
  if (have_ < size) {
    if (buffer_.capacity() < size) resize(size);
    return std::nullopt;
  }
  frame_.header = header;
  frame_.table = {buffer_.data() + proto::kHeaderSize, header.table};
  frame_.payload = {buffer_.data() + proto::kHeaderSize + header.table, header.payload};
  return Outcome::frame;
}

// Nothing when bytes came.
std::optional<FrameReader::Outcome> FrameReader::receive() {
  iovec part{buffer_.data() + have_, buffer_.capacity() - have_};
  AncillaryRoom room;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room.bytes;
  message.msg_controllen = sizeof room.bytes;
  ssize_t got = -1;
  do got = ::recvmsg(socket_, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return Outcome::wait;
  // What the kernel says where a local socket was closed with something in it that nobody had read.
  if (got < 0) return errno == ECONNRESET ? Outcome::unread : Outcome::end;

  auto descriptor = take_descriptor(message);
  if (!descriptor) return Outcome::malformed;
  if (got == 0) return have_ == 0 ? Outcome::end : Outcome::malformed;
  const std::size_t end = have_ + static_cast<std::size_t>(got);
  // An earlier one cannot be unclaimed: the frame that is being received took it.
  if (*descriptor) arrival_ = Arrival{std::move(*descriptor), have_, end};
  have_ = end;
  buffer_.mark_written(end);
  return std::nullopt;
}

// The kernel ends a receive behind the piece of data that carried a descriptor, but may put earlier pieces in front of
// it. A frame with a descriptor is sent by itself (PROTOCOL.md): so the descriptor belongs to the last frame that
// begins in what was received with it. `frame_end`: up to where the bytes are the first frame's. False when no frame
// begins with the descriptor, or one has two.
bool FrameReader::claim_descriptor(std::size_t frame_end) {
  if (!arrival_ || arrival_->end > frame_end) return true;
  if (arrival_->begin > 0 || frame_.descriptor) return false;
  frame_.descriptor = std::move(arrival_->descriptor);
  arrival_.reset();
  return true;
}

void FrameReader::resize(std::size_t capacity) {
  ReceiveBuffer resized{capacity};
  std::memcpy(resized.data(), buffer_.data(), have_);
  resized.mark_written(have_);
  buffer_ = std::move(resized);
}

}  // namespace sspid::worker
