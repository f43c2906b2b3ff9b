#include <cstring>

#include "client-lib/c_boundary.h"
#include "client-lib/exchange.h"
#include "client-lib/handles.h"
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

SECURITY_STATUS seal(PCtxtHandle handle, ULONG qop, PSecBufferDesc message) {
  const ContextInUse context(handle);
  if (!context) return unknown_handle();
  const SecBuffers buffers(message);
  SecBuffer* token = first_of(buffers, SECBUFFER_TOKEN, SECBUFFER_STREAM_HEADER);
  SecBuffer* padding = first_of(buffers, SECBUFFER_PADDING, SECBUFFER_STREAM_TRAILER);
  if (!buffers.valid() || token == nullptr) return failed(SEC_E_INVALID_TOKEN, "the message has no TOKEN buffer");
  const MessageData data(buffers);
  if (data.refusal() != SEC_E_OK) return data.refusal();

  TableBuilder builder;
  const auto segments = encode(builder, data);
  const auto table = builder.finish(proto::CreateEncryptMessageRequest(
      builder, &context->id, qop, capacity(token), padding != nullptr, capacity(padding), segments));
  Answer answer;
  const proto::EncryptMessageReply* reply = nullptr;
  const SECURITY_STATUS status =
      ask(*context->session, {.opcode = proto::Opcode::EncryptMessage, .table = table, .payload = data.parts()},
          data.writable_parts(), answer, reply);
  if (status != SEC_E_OK) return status;
  if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) return refusal;

  // The DATA is in the caller's buffers already; TOKEN and PADDING lie behind each other in the connection's.
  const auto rest = answer.reply.payload;
  const std::size_t sealed = answer.reply.header.payload - rest.size();
  if (sealed != data.writable_size() || reply->token() > capacity(token) || reply->padding() > capacity(padding) ||
      rest.size() != std::size_t{reply->token()} + reply->padding())
    return nonsense(answer);
  fill(token, rest.first(reply->token()));
  fill(padding, rest.subspan(reply->token()));
  return SEC_E_OK;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS EncryptMessage(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage, ULONG) {
  return sspi::c_boundary([&] { return sspi::seal(phContext, fQOP, pMessage); });
}
