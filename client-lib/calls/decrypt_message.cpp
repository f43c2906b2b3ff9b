#include <algorithm>

#include "client-lib/async_call.h"
#include "client-lib/sec_buffers.h"

namespace sspi {

namespace {

// No token of any package is shorter than its header.
constexpr std::size_t kShortestToken = 16;

// Where the plaintext of a STREAM goes: behind header and confounder where a sealed token of RFC 4121 has them, so that
// it lands where an in-place library leaves it; else behind the header. Plaintext always fits there.
std::size_t plaintext_offset(std::span<const std::byte> stream) {
  constexpr std::byte kSealed{0x02};
  const bool sealed_cfx = stream.size() >= kShortestToken && stream[0] == std::byte{0x05} &&
                          stream[1] == std::byte{0x04} && (stream[2] & kSealed) != std::byte{};
  return sealed_cfx ? 32 : 16;
}

class Open final : public Call {
 public:
  Open(PCtxtHandle handle, PSecBufferDesc message, ULONG* qop) : handle_(handle), buffers_(message), qop_(qop) {}

  std::optional<SECURITY_STATUS> find() override { return find_context_of(handle_); }

  std::optional<SECURITY_STATUS> begin(const std::shared_ptr<Session>&) override {
    if (!buffers_.valid()) return failed(SEC_E_INVALID_TOKEN, "the SecBufferDesc is malformed");
    if (const SecBuffer* stream = buffers_.first(SECBUFFER_STREAM)) return begin_stream(*stream);
    return begin_split();
  }

  SECURITY_STATUS finish(Answer& answer) override {
    const proto::DecryptMessageReply* reply = nullptr;
    if (const SECURITY_STATUS status = read_reply(answer, reply); status != SEC_E_OK) return status;
    if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK)
      return refuse(refusal, reply->missing());
    const std::uint32_t length = answer.reply.header.payload;
    if (length > (split_ ? split_->writable_size() : place_.iov_len)) return nonsense(answer);
    if (split_) {
      split_->shrink(length);
    } else {
      plaintext_->pvBuffer = place_.iov_base;
      plaintext_->cbBuffer = length;
    }
    if (qop_ != nullptr) *qop_ = reply->qop();
    return SEC_E_OK;
  }

 private:
  std::optional<SECURITY_STATUS> begin_stream(const SecBuffer& stream) {
    plaintext_ = buffers_.first(SECBUFFER_DATA);
    const auto bytes = contents(stream);
    if (plaintext_ == nullptr || !bytes)
      return failed(SEC_E_INVALID_TOKEN, "STREAM has no pointer or no DATA buffer beside it");
    if (bytes->size() > proto::kMaxPayload) return failed(SEC_E_INVALID_PARAMETER, "the message is longer than 16 MiB");

    payload_.add(bytes->data(), bytes->size());
    const std::size_t offset = std::min(plaintext_offset(*bytes), bytes->size());
    place_ = {static_cast<std::byte*>(stream.pvBuffer) + offset, bytes->size() - offset};
    return ask(
        {.opcode = proto::Opcode::DecryptMessage,
         .table = builder_.finish(proto::CreateDecryptMessageRequest(builder_, &context_->id, proto::Layout::Stream)),
         .payload = payload_.all()},
        std::span(&place_, 1));
  }

  std::optional<SECURITY_STATUS> begin_split() {
    const SecBuffer* token_buffer = buffers_.first(SECBUFFER_TOKEN);
    if (token_buffer == nullptr) return failed(SEC_E_INVALID_TOKEN, "the message has neither TOKEN nor STREAM");
    const auto token = contents(*token_buffer);
    if (!token || token->size() < kShortestToken || token->size() > proto::kMaxToken)
      return failed(SEC_E_INVALID_TOKEN, "the TOKEN is shorter or longer than any token");
    if (split_.emplace(buffers_).refusal() != SEC_E_OK) return split_->refusal();
    std::span<const std::byte> padding;
    if (const SecBuffer* buffer = buffers_.first(SECBUFFER_PADDING)) {
      const auto bytes = contents(*buffer);
      if (!bytes) return failed(SEC_E_INVALID_TOKEN, "the PADDING has a length but no pointer");
      padding = *bytes;
    }
    if (token->size() + split_->size() + padding.size() > proto::kMaxPayload)
      return failed(SEC_E_INVALID_PARAMETER, "the message is longer than 16 MiB");

    payload_.add(token->data(), token->size());
    payload_.add(split_->parts());
    payload_.add(padding.data(), padding.size());
    const auto segments = encode(builder_, *split_);
    return ask({.opcode = proto::Opcode::DecryptMessage,
                .table = builder_.finish(proto::CreateDecryptMessageRequest(
                    builder_, &context_->id, proto::Layout::Split, static_cast<std::uint32_t>(token->size()),
                    static_cast<std::uint32_t>(padding.size()), segments)),
                .payload = payload_.all()},
               split_->writable_parts());
  }

  SECURITY_STATUS refuse(SECURITY_STATUS status, ULONG missing) const {
    if (split_ && (status == SEC_E_MESSAGE_ALTERED || status == SEC_E_OUT_OF_SEQUENCE)) split_->wipe();
    SecBuffer* empty = buffers_.first(SECBUFFER_EMPTY);
    if (status != SEC_E_INCOMPLETE_MESSAGE || empty == nullptr) return status;
    // More bytes are needed: a placeholder tells how many (E-109).
    empty->BufferType = SECBUFFER_MISSING;
    empty->cbBuffer = missing;
    return status;
  }

  const PCtxtHandle handle_;
  const SecBuffers buffers_;
  ULONG* const qop_;
  Parts<2> payload_;
  std::optional<MessageData> split_;  // TOKEN, DATA and PADDING; nothing where the message is a STREAM, …
  iovec place_{};                     // … whose plaintext goes here, …
  SecBuffer* plaintext_ = nullptr;    // … which this buffer will say
  TableBuilder builder_;
};

}  // namespace

}  // namespace sspi

SECURITY_STATUS DecryptMessage(PCtxtHandle phContext, PSecBufferDesc pMessage, ULONG, ULONG* pfQOP) {
  return sspi::run<sspi::Open>(phContext, pMessage, pfQOP);
}

SECURITY_STATUS SspiDecryptMessageAsync(SspiAsyncContext* AsyncContext, PCtxtHandle phContext, PSecBufferDesc pMessage,
                                        ULONG, ULONG* pfQOP) {
  return sspi::start<sspi::Open>(AsyncContext, phContext, pMessage, pfQOP);
}
