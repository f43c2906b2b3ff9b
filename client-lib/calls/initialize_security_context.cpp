#include "client-lib/async_call.h"
#include "client-lib/leg.h"
#include "client-lib/text.h"

namespace sspi {

namespace {

std::span<const std::byte> encode(TableBuilder& builder, const LegRequest& request) {
  const auto target = request.target != nullptr ? builder.CreateString(*request.target) : 0;
  const auto bindings = request.bindings != nullptr ? encode(builder, *request.bindings) : 0;
  return builder.finish(proto::CreateInitializeSecurityContextRequest(builder, request.credential, request.context,
                                                                      target, request.requirements, bindings));
}

SECURITY_STATUS read(Answer& answer, LegReply& reply) {
  const proto::InitializeSecurityContextReply* table = nullptr;
  if (const SECURITY_STATUS status = read_reply(answer, table); status != SEC_E_OK) return status;
  reply.status = status_of(*table);
  reply.has_context = table->context() != nullptr;
  if (reply.has_context) reply.context = *table->context();
  reply.attributes = table->attributes();
  reply.expiry = table->expiry();
  return SEC_E_OK;
}

constexpr LegKind kInitialize{
    .opcode = proto::Opcode::InitializeSecurityContext, .first_leg_needs_token = false, .encode = encode, .read = read};

class Initialize final : public Leg {
 public:
  template <class Char>
  Initialize(const LegArguments& arguments, const Char* target) : Leg(kInitialize, arguments) {
    if (target == nullptr || arguments.context != nullptr) return;  // it counts on the first leg alone
    auto name = to_utf8(target);
    if (!name)
      refuse_target(SEC_E_INVALID_PARAMETER, "the target is not well-formed text");
    else if (name->size() > proto::kMaxName)
      refuse_target(SEC_E_TARGET_UNKNOWN, "the target is longer than 1024 characters");  // E-122
    else
      set_target(std::move(*name));
  }
};

}  // namespace

}  // namespace sspi

SECURITY_STATUS InitializeSecurityContextW(PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR* pszTargetName,
                                           ULONG fContextReq, ULONG, ULONG, PSecBufferDesc pInput, ULONG,
                                           PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG* pfContextAttr,
                                           PTimeStamp ptsExpiry) {
  return sspi::run<sspi::Initialize>(
      sspi::LegArguments{phCredential, phContext, pInput, fContextReq, phNewContext, pOutput, pfContextAttr, ptsExpiry},
      pszTargetName);
}

SECURITY_STATUS InitializeSecurityContextA(PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR* pszTargetName,
                                           ULONG fContextReq, ULONG, ULONG, PSecBufferDesc pInput, ULONG,
                                           PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG* pfContextAttr,
                                           PTimeStamp ptsExpiry) {
  return sspi::run<sspi::Initialize>(
      sspi::LegArguments{phCredential, phContext, pInput, fContextReq, phNewContext, pOutput, pfContextAttr, ptsExpiry},
      pszTargetName);
}

SECURITY_STATUS SspiInitializeSecurityContextAsyncW(SspiAsyncContext* AsyncContext, PCredHandle phCredential,
                                                    PCtxtHandle phContext, SEC_WCHAR* pszTargetName, ULONG fContextReq,
                                                    ULONG, ULONG, PSecBufferDesc pInput, ULONG,
                                                    PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                                                    ULONG* pfContextAttr, PTimeStamp ptsExpiry) {
  return sspi::start<sspi::Initialize>(
      AsyncContext,
      sspi::LegArguments{phCredential, phContext, pInput, fContextReq, phNewContext, pOutput, pfContextAttr, ptsExpiry},
      pszTargetName);
}

SECURITY_STATUS SspiInitializeSecurityContextAsyncA(SspiAsyncContext* AsyncContext, PCredHandle phCredential,
                                                    PCtxtHandle phContext, SEC_CHAR* pszTargetName, ULONG fContextReq,
                                                    ULONG, ULONG, PSecBufferDesc pInput, ULONG,
                                                    PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                                                    ULONG* pfContextAttr, PTimeStamp ptsExpiry) {
  return sspi::start<sspi::Initialize>(
      AsyncContext,
      sspi::LegArguments{phCredential, phContext, pInput, fContextReq, phNewContext, pOutput, pfContextAttr, ptsExpiry},
      pszTargetName);
}
