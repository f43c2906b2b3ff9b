#include "client-lib/async_call.h"
#include "client-lib/sec_buffers.h"

namespace sspi {

namespace {

// Integrity is all that a signature can give: the package's own numbers make the sequence, so MessageSeqNo is ignored.
class Sign final : public Call {
 public:
  Sign(PCtxtHandle handle, ULONG qop, PSecBufferDesc message) : handle_(handle), qop_(qop), message_(message) {}

  std::optional<SECURITY_STATUS> find() override { return find_context_of(handle_); }

  std::optional<SECURITY_STATUS> begin(const std::shared_ptr<Session>&) override {
    const SecBuffers buffers(message_);
    token_ = buffers.first(SECBUFFER_TOKEN);
    if (!buffers.valid() || token_ == nullptr) return failed(SEC_E_INVALID_TOKEN, "the message has no TOKEN buffer");
    if (data_.emplace(buffers).refusal() != SEC_E_OK) return data_->refusal();

    signature_ = {token_->pvBuffer, capacity(token_)};
    return ask(
        {.opcode = proto::Opcode::MakeSignature,
         .table = builder_.finish(proto::CreateMakeSignatureRequest(builder_, &context_->id, qop_, capacity(token_))),
         .payload = data_->parts()},
        std::span(&signature_, 1));
  }

  SECURITY_STATUS finish(Answer& answer) override {
    const proto::MakeSignatureReply* reply = nullptr;
    if (const SECURITY_STATUS status = read_reply(answer, reply); status != SEC_E_OK) return status;
    if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) return refusal;
    if (answer.reply.header.payload > signature_.iov_len) return nonsense(answer);
    token_->cbBuffer = answer.reply.header.payload;
    return SEC_E_OK;
  }

 private:
  const PCtxtHandle handle_;
  const ULONG qop_;
  const PSecBufferDesc message_;
  SecBuffer* token_ = nullptr;
  std::optional<MessageData> data_;
  iovec signature_{};
  TableBuilder builder_;
};

}  // namespace

}  // namespace sspi

SECURITY_STATUS MakeSignature(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage, ULONG) {
  return sspi::run<sspi::Sign>(phContext, fQOP, pMessage);
}

SECURITY_STATUS SspiMakeSignatureAsync(SspiAsyncContext* AsyncContext, PCtxtHandle phContext, ULONG fQOP,
                                       PSecBufferDesc pMessage, ULONG) {
  return sspi::start<sspi::Sign>(AsyncContext, phContext, fQOP, pMessage);
}
