#include "client-lib/c_boundary.h"
#include "client-lib/exchange.h"
#include "client-lib/handles.h"
#include "client-lib/sec_buffers.h"

namespace sspi {

namespace {

SECURITY_STATUS verify(PCtxtHandle handle, PSecBufferDesc message, ULONG* qop) {
  const ContextInUse context(handle);
  if (!context) return unknown_handle();
  const SecBuffers buffers(message);
  const SecBuffer* token = buffers.first(SECBUFFER_TOKEN);
  if (!buffers.valid() || token == nullptr) return failed(SEC_E_INVALID_TOKEN, "the message has no TOKEN buffer");
  const auto signature = contents(*token);
  if (!signature || signature->size() > proto::kMaxToken)
    return failed(SEC_E_INVALID_TOKEN, "the TOKEN has no pointer or is too long");
  const MessageData data(buffers);
  if (data.refusal() != SEC_E_OK) return data.refusal();

  Parts<1> payload;
  payload.add(data.parts());
  payload.add(signature->data(), signature->size());
  TableBuilder builder;
  const auto table = builder.finish(
      proto::CreateVerifySignatureRequest(builder, &context->id, static_cast<std::uint32_t>(signature->size())));
  Answer answer;
  const proto::VerifySignatureReply* reply = nullptr;
  const SECURITY_STATUS status =
      ask(*context->session, {.opcode = proto::Opcode::VerifySignature, .table = table, .payload = payload.all()}, {},
          answer, reply);
  if (status != SEC_E_OK) return status;
  if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) return refusal;
  if (qop != nullptr) *qop = 0;
  return SEC_E_OK;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS VerifySignature(PCtxtHandle phContext, PSecBufferDesc pMessage, ULONG, ULONG* pfQOP) {
  return sspi::c_boundary([&] { return sspi::verify(phContext, pMessage, pfQOP); });
}
