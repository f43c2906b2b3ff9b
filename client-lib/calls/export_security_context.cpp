#include <cstring>

#include "client-lib/c_boundary.h"
#include "client-lib/context_buffers.h"
#include "client-lib/exchange.h"
#include "client-lib/handles.h"
#include "proto/limits.h"

namespace sspi {

namespace {

SECURITY_STATUS export_context(PCtxtHandle handle, ULONG flags, PSecBuffer packed, void** token) {
  const ContextInUse context(handle);
  if (!context) return context.refusal();
  if (packed == nullptr) return failed(SEC_E_INVALID_PARAMETER, "pPackedContext is NULL");
  if (context->pending) return failed(SEC_E_INVALID_HANDLE, "the context's last token is still to be fetched");

  // Before the daemon acts: with DELETE_OLD there is no second try.
  ContextBuffer block(proto::kPackedContext);
  TableBuilder builder;
  const auto table = builder.finish(proto::CreateExportSecurityContextRequest(builder, &context->id, flags));
  Answer answer;
  const proto::ExportSecurityContextReply* reply = nullptr;
  const SECURITY_STATUS status =
      ask(*context->session, {.opcode = proto::Opcode::ExportSecurityContext, .table = table}, {}, answer, reply);
  if (status != SEC_E_OK) return status;
  if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) return refusal;
  const std::span<const std::byte> payload = answer.reply.payload;
  if (payload.size() != proto::kPackedContext) return nonsense(answer);

  std::memcpy(block.get(), payload.data(), payload.size());
  if ((flags & SECPKG_CONTEXT_EXPORT_DELETE_OLD) != 0) {
    context->deleted = true;
    (void)retire(*context);
    mark_deleted(*handle);
  }
  packed->pvBuffer = block.hand_out();
  packed->cbBuffer = static_cast<ULONG>(payload.size());
  if (token != nullptr) *token = nullptr;
  return SEC_E_OK;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS ExportSecurityContext(PCtxtHandle phContext, ULONG fFlags, PSecBuffer pPackedContext, void** pToken) {
  return sspi::c_boundary([&] { return sspi::export_context(phContext, fFlags, pPackedContext, pToken); });
}
