#include "daemon/worker/calls/exchange.h"

#include <ctime>

#include "daemon/worker/gss/flags.h"
#include "proto/limits.h"

namespace sspid::worker::calls {

namespace {

Outcome judge(Stage stage) {
  switch (stage) {
    case Stage::partial:
      return {};
    case Stage::established:
      return {SEC_E_UNSUPPORTED_FUNCTION, "the context is complete"};  // E-072, E-073
    case Stage::expired:
      return {SEC_E_CONTEXT_EXPIRED, "the exchange was left half-done for too long"};  // E-186
    case Stage::failed:
      return {SEC_E_INVALID_TOKEN, "the exchange has failed"};  // E-046
  }
  return SEC_E_INTERNAL_ERROR;
}

}  // namespace

Outcome find_half_built(Caller& caller, const proto::Handle* handle, const proto::Handle* credential, Role role,
                        LockedContext& context) {
  Outcome found = context.find(caller, handle);
  if (found.status != SEC_E_OK) return found;
  if (context->role != role) return {SEC_E_INVALID_HANDLE, "the context belongs to the other side of the exchange"};
  const auto named = caller.session.credentials.find(credential);
  if (credential && !(named && named->has_handle_of(*context->credential)))
    return {SEC_E_WRONG_CREDENTIAL_HANDLE, "the context was made from another credential"};
  return judge(context->stage);
}

Outcome fail(Context& context, Outcome failure) {
  context.stage = Stage::failed;
  context.last_status = failure.status;
  return failure;
}

Leg judged(const Context& context, Leg leg) {
  if (leg.major != GSS_S_COMPLETE || context.chosen().family != Family::ntlm) return leg;
  leg.flags = gss::ntlm_flags(leg.flags, context.role == Role::initiator ? gss::Side::initiator : gss::Side::acceptor);
  if (context.guard.peer_wants_identification()) leg.flags |= GSS_C_IDENTIFY_FLAG;
  OM_uint32 minor = 0;
  if (GSS_ERROR(gss_context_time(&minor, context.gss.get(), &leg.lifetime))) leg.lifetime = 0;
  return leg;
}

void establish(Context& context, const Leg& last, std::uint32_t attributes) {
  context.stage = Stage::established;
  context.gss_flags = last.flags;
  context.start = std::time(nullptr);
  context.expiry = last.lifetime == GSS_C_INDEFINITE ? proto::kNever : context.start + std::int64_t{last.lifetime};
  context.attributes = attributes;
  context.learn_names();
}

}  // namespace sspid::worker::calls
