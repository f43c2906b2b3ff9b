#include "client-lib/async_call.h"
#include "client-lib/sec_buffers.h"

namespace sspi {

namespace {

class Verify final : public Call {
 public:
  Verify(PCtxtHandle handle, PSecBufferDesc message, ULONG* qop) : handle_(handle), message_(message), qop_(qop) {}

  std::optional<SECURITY_STATUS> find() override { return find_context_of(handle_); }

  std::optional<SECURITY_STATUS> begin(const std::shared_ptr<Session>&) override {
    const SecBuffers buffers(message_);
    const SecBuffer* token = buffers.first(SECBUFFER_TOKEN);
    if (!buffers.valid() || token == nullptr) return failed(SEC_E_INVALID_TOKEN, "the message has no TOKEN buffer");
    const auto signature = contents(*token);
    if (!signature || signature->size() > proto::kMaxToken)
      return failed(SEC_E_INVALID_TOKEN, "the TOKEN has no pointer or is too long");
    const MessageData data(buffers);
    if (data.refusal() != SEC_E_OK) return data.refusal();

    payload_.add(data.parts());
    payload_.add(signature->data(), signature->size());
    return ask({.opcode = proto::Opcode::VerifySignature,
                .table = builder_.finish(proto::CreateVerifySignatureRequest(
                    builder_, &context_->id, static_cast<std::uint32_t>(signature->size()))),
                .payload = payload_.all()});
  }

  SECURITY_STATUS finish(Answer& answer) override {
    const proto::VerifySignatureReply* reply = nullptr;
    if (const SECURITY_STATUS status = read_reply(answer, reply); status != SEC_E_OK) return status;
    if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) return refusal;
    if (qop_ != nullptr) *qop_ = 0;
    return SEC_E_OK;
  }

 private:
  const PCtxtHandle handle_;
  const PSecBufferDesc message_;
  ULONG* const qop_;
  Parts<1> payload_;
  TableBuilder builder_;
};

}  // namespace

}  // namespace sspi

SECURITY_STATUS VerifySignature(PCtxtHandle phContext, PSecBufferDesc pMessage, ULONG, ULONG* pfQOP) {
  return sspi::run<sspi::Verify>(phContext, pMessage, pfQOP);
}

SECURITY_STATUS SspiVerifySignatureAsync(SspiAsyncContext* AsyncContext, PCtxtHandle phContext, PSecBufferDesc pMessage,
                                         ULONG, ULONG* pfQOP) {
  return sspi::start<sspi::Verify>(AsyncContext, phContext, pMessage, pfQOP);
}
