#include "client-lib/async_call.h"
#include "client-lib/leg.h"

namespace sspi {

namespace {

std::span<const std::byte> encode(TableBuilder& builder, const LegRequest& request) {
  const auto bindings = request.bindings != nullptr ? encode(builder, *request.bindings) : 0;
  return builder.finish(proto::CreateAcceptSecurityContextRequest(builder, request.credential, request.context,
                                                                  request.requirements, bindings));
}

SECURITY_STATUS read(Answer& answer, LegReply& reply) {
  const proto::AcceptSecurityContextReply* table = nullptr;
  if (const SECURITY_STATUS status = read_reply(answer, table); status != SEC_E_OK) return status;
  reply.status = status_of(*table);
  reply.has_context = table->context() != nullptr;
  if (reply.has_context) reply.context = *table->context();
  reply.attributes = table->attributes();
  reply.expiry = table->expiry();
  reply.bindings_result = table->bindings_result();
  return SEC_E_OK;
}

constexpr LegKind kAccept{
    .opcode = proto::Opcode::AcceptSecurityContext, .first_leg_needs_token = true, .encode = encode, .read = read};

class Accept final : public Leg {
 public:
  explicit Accept(const LegArguments& arguments) : Leg(kAccept, arguments) {}
};

}  // namespace

}  // namespace sspi

SECURITY_STATUS AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext, PSecBufferDesc pInput,
                                      ULONG fContextReq, ULONG, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                                      ULONG* pfContextAttr, PTimeStamp ptsExpiry) {
  return sspi::run<sspi::Accept>(sspi::LegArguments{phCredential, phContext, pInput, fContextReq, phNewContext, pOutput,
                                                    pfContextAttr, ptsExpiry});
}

SECURITY_STATUS SspiAcceptSecurityContextAsync(SspiAsyncContext* AsyncContext, PCredHandle phCredential,
                                               PCtxtHandle phContext, PSecBufferDesc pInput, ULONG fContextReq, ULONG,
                                               PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG* pfContextAttr,
                                               PTimeStamp ptsExpiry) {
  return sspi::start<sspi::Accept>(AsyncContext, sspi::LegArguments{phCredential, phContext, pInput, fContextReq,
                                                                    phNewContext, pOutput, pfContextAttr, ptsExpiry});
}
