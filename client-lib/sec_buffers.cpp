#include "client-lib/sec_buffers.h"

#include <algorithm>

#include <string.h>

#include "client-lib/last_error.h"

namespace sspi {

SecBuffers::SecBuffers(PSecBufferDesc descriptor) {
  if (descriptor == nullptr) return;
  valid_ = descriptor->ulVersion == SECBUFFER_VERSION && (descriptor->cBuffers == 0 || descriptor->pBuffers != nullptr);
  if (valid_ && descriptor->cBuffers != 0) buffers_ = {descriptor->pBuffers, descriptor->cBuffers};
}

SecBuffer* SecBuffers::first(ULONG type) const {
  const auto found =
      std::find_if(buffers_.begin(), buffers_.end(), [&](const SecBuffer& b) { return type_of(b) == type; });
  return found == buffers_.end() ? nullptr : &*found;
}

std::optional<std::span<const std::byte>> contents(const SecBuffer& buffer) {
  if (buffer.cbBuffer != 0 && buffer.pvBuffer == nullptr) return std::nullopt;
  return std::span(static_cast<const std::byte*>(buffer.pvBuffer), buffer.cbBuffer);
}

std::uint32_t capacity(const SecBuffer* buffer) {
  return buffer == nullptr || buffer->pvBuffer == nullptr ? 0 : buffer->cbBuffer;
}

SECURITY_STATUS MessageData::collect(const SecBuffers& buffers) {
  bool any = false;
  for (SecBuffer& buffer : buffers.all()) {
    if (type_of(buffer) != SECBUFFER_DATA) continue;
    any = true;
    if (const SECURITY_STATUS status = add(buffer); status != SEC_E_OK) return status;
  }
  return any ? SEC_E_OK : failed(SEC_E_INVALID_TOKEN, "the message has no DATA buffer");
}

SECURITY_STATUS MessageData::add(SecBuffer& buffer) {
  const bool covered = (buffer.BufferType & SECBUFFER_READONLY_WITH_CHECKSUM) != 0;
  if ((buffer.BufferType & SECBUFFER_READONLY) != 0 && !covered) return SEC_E_OK;
  if (!contents(buffer)) return failed(SEC_E_INVALID_TOKEN, "a DATA buffer has a length but no pointer");
  size_ += buffer.cbBuffer;
  if (count_ == proto::kMaxSegments || size_ > proto::kMaxMessage)
    return failed(SEC_E_INVALID_PARAMETER, "the message is longer than 16 MiB or has more than 64 DATA buffers");

  parts_[count_] = {buffer.pvBuffer, buffer.cbBuffer};
  segments_[count_++] = {covered ? proto::SegmentKind::SignOnly : proto::SegmentKind::Data, buffer.cbBuffer};
  if (covered) return SEC_E_OK;
  writable_size_ += buffer.cbBuffer;
  writable_buffers_[writable_count_] = &buffer;
  writable_parts_[writable_count_++] = {buffer.pvBuffer, buffer.cbBuffer};
  return SEC_E_OK;
}

void MessageData::shrink(std::size_t length) const {
  for (std::size_t i = 0; i < writable_count_; ++i) {
    const std::size_t used = std::min<std::size_t>(length, writable_buffers_[i]->cbBuffer);
    writable_buffers_[i]->cbBuffer = static_cast<ULONG>(used);
    length -= used;
  }
}

void MessageData::wipe() const {
  for (const iovec& part : writable_parts())
    if (part.iov_len != 0) explicit_bzero(part.iov_base, part.iov_len);
}

flatbuffers::Offset<flatbuffers::Vector<const proto::Segment*>> encode(TableBuilder& builder, const MessageData& data) {
  return builder.CreateVectorOfStructs(data.segments().data(), data.segments().size());
}

}  // namespace sspi
