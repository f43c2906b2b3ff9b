#include <cstring>

#include "client-lib/c_boundary.h"
#include "client-lib/context_buffers.h"
#include "client-lib/exchange.h"
#include "client-lib/token.h"
#include "proto/limits.h"

namespace sspi {

namespace {

/// The token that goes with a server's context. A client's has none.
SECURITY_STATUS make_token(const Context& context, TokenHandle& handle) {
  auto token = std::make_shared<Token>();
  const SECURITY_STATUS status = query_identity(context, *token);
  if (status == SEC_E_OK) handle = TokenHandle(std::move(token));
  return status == SEC_E_NO_IMPERSONATION ? SEC_E_OK : status;
}

SECURITY_STATUS export_context(PCtxtHandle handle, ULONG flags, PSecBuffer packed, void** token) {
  const ContextInUse context(handle);
  if (!context) return context.refusal();
  if (packed == nullptr) return failed(SEC_E_INVALID_PARAMETER, "pPackedContext is NULL");
  if (context->pending) return failed(SEC_E_INVALID_HANDLE, "the context's last token is still to be fetched");

  // Before the daemon acts: with DELETE_OLD there is no second try.
  ContextBuffer block(proto::kPackedContext);
  TokenHandle its_token;
  if (token != nullptr)
    if (const SECURITY_STATUS status = make_token(*context, its_token); status != SEC_E_OK) return status;
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
  if (token != nullptr) *token = its_token ? its_token.hand_out() : nullptr;
  return SEC_E_OK;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS ExportSecurityContext(PCtxtHandle phContext, ULONG fFlags, PSecBuffer pPackedContext, void** pToken) {
  return sspi::c_boundary([&] { return sspi::export_context(phContext, fFlags, pPackedContext, pToken); });
}
