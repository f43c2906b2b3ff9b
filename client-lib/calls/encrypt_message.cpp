#include <cstring>

#include "client-lib/async_call.h"
#include "client-lib/sec_buffers.h"

namespace sspi {

namespace {

// TOKEN, DATA…, PADDING, or the same by the names of streams: STREAM_HEADER, DATA…, STREAM_TRAILER. In any order.
SecBuffer* first_of(const SecBuffers& buffers, ULONG type, ULONG stream_type) {
  SecBuffer* found = buffers.first(type);
  return found != nullptr ? found : buffers.first(stream_type);
}

void fill(SecBuffer* buffer, std::span<const std::byte> bytes) {
  if (buffer == nullptr) return;
  if (!bytes.empty()) std::memcpy(buffer->pvBuffer, bytes.data(), bytes.size());
  buffer->cbBuffer = static_cast<ULONG>(bytes.size());
}

class Seal final : public Call {
 public:
  Seal(PCtxtHandle handle, ULONG qop, PSecBufferDesc message) : handle_(handle), qop_(qop), message_(message) {}

  std::optional<SECURITY_STATUS> find() override { return find_context_of(handle_); }

  std::optional<SECURITY_STATUS> begin(const std::shared_ptr<Session>&) override {
    const SecBuffers buffers(message_);
    token_ = first_of(buffers, SECBUFFER_TOKEN, SECBUFFER_STREAM_HEADER);
    padding_ = first_of(buffers, SECBUFFER_PADDING, SECBUFFER_STREAM_TRAILER);
    if (!buffers.valid() || token_ == nullptr) return failed(SEC_E_INVALID_TOKEN, "the message has no TOKEN buffer");
    if (data_.emplace(buffers).refusal() != SEC_E_OK) return data_->refusal();

    const auto segments = encode(builder_, *data_);
    return ask(
        {.opcode = proto::Opcode::EncryptMessage,
         .table = builder_.finish(proto::CreateEncryptMessageRequest(
             builder_, &context_->id, qop_, capacity(token_), padding_ != nullptr, capacity(padding_), segments)),
         .payload = data_->parts()},
        data_->writable_parts());
  }

  SECURITY_STATUS finish(Answer& answer) override {
    const proto::EncryptMessageReply* reply = nullptr;
    if (const SECURITY_STATUS status = read_reply(answer, reply); status != SEC_E_OK) return status;
    if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) return refusal;

    // The DATA is in the caller's buffers already; TOKEN and PADDING lie behind each other in the connection's.
    const auto rest = answer.reply.payload;
    const std::size_t sealed = answer.reply.header.payload - rest.size();
    if (sealed != data_->writable_size() || reply->token() > capacity(token_) ||
        reply->padding() > capacity(padding_) || rest.size() != std::size_t{reply->token()} + reply->padding())
      return nonsense(answer);
    fill(token_, rest.first(reply->token()));
    fill(padding_, rest.subspan(reply->token()));
    return SEC_E_OK;
  }

 private:
  const PCtxtHandle handle_;
  const ULONG qop_;
  const PSecBufferDesc message_;
  SecBuffer* token_ = nullptr;
  SecBuffer* padding_ = nullptr;
  std::optional<MessageData> data_;
  TableBuilder builder_;
};

}  // namespace

}  // namespace sspi

SECURITY_STATUS EncryptMessage(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage, ULONG) {
  return sspi::run<sspi::Seal>(phContext, fQOP, pMessage);
}

SECURITY_STATUS SspiEncryptMessageAsync(SspiAsyncContext* AsyncContext, PCtxtHandle phContext, ULONG fQOP,
                                        PSecBufferDesc pMessage, ULONG) {
  return sspi::start<sspi::Seal>(AsyncContext, phContext, fQOP, pMessage);
}
