// The caller's SecBufferDesc: which buffers it has, and what a message call sends and fills of them.
//
// Views only: the caller's structures and memory must outlive them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sys/uio.h>

#include "client-lib/request.h"
#include "proto/limits.h"
#include "sspi.h"

namespace sspi {

/// The buffers of a descriptor. NULL is a descriptor without buffers.
class SecBuffers {
 public:
  explicit SecBuffers(PSecBufferDesc descriptor);

  /// False: another version than 0, or a count without an array (E-069, E-070).
  [[nodiscard]] bool valid() const { return valid_; }

  /// The first buffer of this type, its attribute bits aside (E-068); nullptr when there is none.
  [[nodiscard]] SecBuffer* first(ULONG type) const;

  [[nodiscard]] std::span<SecBuffer> all() const { return buffers_; }

 private:
  std::span<SecBuffer> buffers_;
  bool valid_ = true;
};

[[nodiscard]] constexpr ULONG type_of(const SecBuffer& buffer) { return buffer.BufferType & ~SECBUFFER_ATTRMASK; }

/// What a buffer holds as input. Nothing when it claims bytes without a pointer.
[[nodiscard]] std::optional<std::span<const std::byte>> contents(const SecBuffer& buffer);

/// The room that an output buffer offers: none without a pointer.
[[nodiscard]] std::uint32_t capacity(const SecBuffer* buffer);

/// The DATA buffers of a message in the order of the descriptor, which is their order in the message (E-113). Those
/// marked SECBUFFER_READONLY are left out; SECBUFFER_READONLY_WITH_CHECKSUM are covered but never changed (E-112).
class MessageData {
 public:
  explicit MessageData(const SecBuffers& buffers) : refusal_(collect(buffers)) {}

  /// SEC_E_OK, or the status by which a call must refuse these buffers.
  [[nodiscard]] SECURITY_STATUS refusal() const { return refusal_; }

  [[nodiscard]] std::span<const iovec> parts() const { return std::span(parts_).first(count_); }
  [[nodiscard]] std::span<const proto::Segment> segments() const { return std::span(segments_).first(count_); }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// The parts that a call may write: where the reply's payload goes.
  [[nodiscard]] std::span<const iovec> writable_parts() const {
    return std::span(writable_parts_).first(writable_count_);
  }
  [[nodiscard]] std::size_t writable_size() const { return writable_size_; }

  /// The plaintext is `length` bytes and fills the writable buffers in order: their cbBuffer says how far.
  void shrink(std::size_t length) const;

  /// What was to be opened must not be seen (E-095).
  void wipe() const;

 private:
  [[nodiscard]] SECURITY_STATUS collect(const SecBuffers& buffers);
  [[nodiscard]] SECURITY_STATUS add(SecBuffer& buffer);

  std::array<iovec, proto::kMaxSegments> parts_;
  std::array<proto::Segment, proto::kMaxSegments> segments_;
  std::array<iovec, proto::kMaxSegments> writable_parts_;
  std::array<SecBuffer*, proto::kMaxSegments> writable_buffers_;
  std::size_t count_ = 0;
  std::size_t writable_count_ = 0;
  std::size_t size_ = 0;
  std::size_t writable_size_ = 0;
  SECURITY_STATUS refusal_;
};

/// A table's vector of segments.
[[nodiscard]] flatbuffers::Offset<flatbuffers::Vector<const proto::Segment*>> encode(TableBuilder& builder,
                                                                                     const MessageData& data);

/// Several runs of parts, one behind the other, as one payload.
template <std::size_t kExtra>
class Parts {
 public:
  void add(const void* memory, std::size_t length) { parts_[count_++] = {const_cast<void*>(memory), length}; }
  void add(std::span<const iovec> parts) {
    for (const iovec& part : parts) parts_[count_++] = part;
  }
  [[nodiscard]] std::span<const iovec> all() const { return std::span(parts_).first(count_); }

 private:
  std::array<iovec, proto::kMaxSegments + kExtra> parts_;
  std::size_t count_ = 0;
};

}  // namespace sspi
