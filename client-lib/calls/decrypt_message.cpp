#include "client-lib/c_boundary.h"
#include "client-lib/exchange.h"
#include "client-lib/handles.h"
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

// More bytes are needed: a placeholder tells how many (E-109).
SECURITY_STATUS tell_missing(const SecBuffers& buffers, ULONG missing, SECURITY_STATUS status) {
  if (status != SEC_E_INCOMPLETE_MESSAGE) return status;
  if (SecBuffer* empty = buffers.first(SECBUFFER_EMPTY)) {
    empty->BufferType = SECBUFFER_MISSING;
    empty->cbBuffer = missing;
  }
  return status;
}

SECURITY_STATUS open_stream(Context& context, const SecBuffers& buffers, const SecBuffer& stream, ULONG* qop) {
  SecBuffer* data = buffers.first(SECBUFFER_DATA);
  const auto bytes = contents(stream);
  if (data == nullptr || !bytes)
    return failed(SEC_E_INVALID_TOKEN, "STREAM has no pointer or no DATA buffer beside it");
  if (bytes->size() > proto::kMaxPayload) return failed(SEC_E_INVALID_PARAMETER, "the message is longer than 16 MiB");

  TableBuilder builder;
  const auto table = builder.finish(proto::CreateDecryptMessageRequest(builder, &context.id, proto::Layout::Stream));
  const std::size_t offset = std::min(plaintext_offset(*bytes), bytes->size());
  const iovec payload{stream.pvBuffer, bytes->size()};
  const iovec place{static_cast<std::byte*>(stream.pvBuffer) + offset, bytes->size() - offset};
  Answer answer;
  const proto::DecryptMessageReply* reply = nullptr;
  const SECURITY_STATUS status = ask(
      *context.session, {.opcode = proto::Opcode::DecryptMessage, .table = table, .payload = std::span(&payload, 1)},
      std::span(&place, 1), answer, reply);
  if (status != SEC_E_OK) return status;
  if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK)
    return tell_missing(buffers, reply->missing(), refusal);
  if (answer.reply.header.payload > place.iov_len) return nonsense(answer);
  data->pvBuffer = place.iov_base;
  data->cbBuffer = answer.reply.header.payload;
  if (qop != nullptr) *qop = reply->qop();
  return SEC_E_OK;
}

SECURITY_STATUS open_split(Context& context, const SecBuffers& buffers, ULONG* qop) {
  const SecBuffer* token_buffer = buffers.first(SECBUFFER_TOKEN);
  if (token_buffer == nullptr) return failed(SEC_E_INVALID_TOKEN, "the message has neither TOKEN nor STREAM");
  const auto token = contents(*token_buffer);
  if (!token || token->size() < kShortestToken || token->size() > proto::kMaxToken)
    return failed(SEC_E_INVALID_TOKEN, "the TOKEN is shorter or longer than any token");
  const MessageData data(buffers);
  if (data.refusal() != SEC_E_OK) return data.refusal();
  std::span<const std::byte> padding;
  if (const SecBuffer* buffer = buffers.first(SECBUFFER_PADDING)) {
    const auto bytes = contents(*buffer);
    if (!bytes) return failed(SEC_E_INVALID_TOKEN, "the PADDING has a length but no pointer");
    padding = *bytes;
  }
  if (token->size() + data.size() + padding.size() > proto::kMaxPayload)
    return failed(SEC_E_INVALID_PARAMETER, "the message is longer than 16 MiB");

  Parts<2> payload;
  payload.add(token->data(), token->size());
  payload.add(data.parts());
  payload.add(padding.data(), padding.size());
  TableBuilder builder;
  const auto segments = encode(builder, data);
  const auto table = builder.finish(proto::CreateDecryptMessageRequest(
      builder, &context.id, proto::Layout::Split, static_cast<std::uint32_t>(token->size()),
      static_cast<std::uint32_t>(padding.size()), segments));
  Answer answer;
  const proto::DecryptMessageReply* reply = nullptr;
  const SECURITY_STATUS status =
      ask(*context.session, {.opcode = proto::Opcode::DecryptMessage, .table = table, .payload = payload.all()},
          data.writable_parts(), answer, reply);
  if (status != SEC_E_OK) return status;
  if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) {
    if (refusal == SEC_E_MESSAGE_ALTERED || refusal == SEC_E_OUT_OF_SEQUENCE) data.wipe();
    return tell_missing(buffers, reply->missing(), refusal);
  }
  if (answer.reply.header.payload > data.writable_size()) return nonsense(answer);
  data.shrink(answer.reply.header.payload);
  if (qop != nullptr) *qop = reply->qop();
  return SEC_E_OK;
}

SECURITY_STATUS open_message(PCtxtHandle handle, PSecBufferDesc message, ULONG* qop) {
  const ContextInUse context(handle);
  if (!context) return unknown_handle();
  const SecBuffers buffers(message);
  if (!buffers.valid()) return failed(SEC_E_INVALID_TOKEN, "the SecBufferDesc is malformed");
  if (const SecBuffer* stream = buffers.first(SECBUFFER_STREAM)) return open_stream(*context, buffers, *stream, qop);
  return open_split(*context, buffers, qop);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS DecryptMessage(PCtxtHandle phContext, PSecBufferDesc pMessage, ULONG, ULONG* pfQOP) {
  return sspi::c_boundary([&] { return sspi::open_message(phContext, pMessage, pfQOP); });
}
