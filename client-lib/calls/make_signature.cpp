#include "client-lib/c_boundary.h"
#include "client-lib/exchange.h"
#include "client-lib/handles.h"
#include "client-lib/sec_buffers.h"

namespace sspi {

namespace {

// Integrity is all that a signature can give: the package's own numbers make the sequence, so MessageSeqNo is ignored.
SECURITY_STATUS sign(PCtxtHandle handle, ULONG qop, PSecBufferDesc message) {
  const ContextInUse context(handle);
  if (!context) return unknown_handle();
  const SecBuffers buffers(message);
  SecBuffer* token = buffers.first(SECBUFFER_TOKEN);
  if (!buffers.valid() || token == nullptr) return failed(SEC_E_INVALID_TOKEN, "the message has no TOKEN buffer");
  const MessageData data(buffers);
  if (data.refusal() != SEC_E_OK) return data.refusal();

  TableBuilder builder;
  const auto table = builder.finish(proto::CreateMakeSignatureRequest(builder, &context->id, qop, capacity(token)));
  const iovec signature{token->pvBuffer, capacity(token)};
  Answer answer;
  const proto::MakeSignatureReply* reply = nullptr;
  const SECURITY_STATUS status =
      ask(*context->session, {.opcode = proto::Opcode::MakeSignature, .table = table, .payload = data.parts()},
          std::span(&signature, 1), answer, reply);
  if (status != SEC_E_OK) return status;
  if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) return refusal;
  if (answer.reply.header.payload > capacity(token)) return nonsense(answer);
  token->cbBuffer = answer.reply.header.payload;
  return SEC_E_OK;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS MakeSignature(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage, ULONG) {
  return sspi::c_boundary([&] { return sspi::sign(phContext, fQOP, pMessage); });
}
