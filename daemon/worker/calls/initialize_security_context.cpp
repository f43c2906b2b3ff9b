#include <ctime>

#include <spdlog/spdlog.h>

#include "daemon/worker/calls/exchange.h"
#include "daemon/worker/gss/flags.h"
#include "daemon/worker/gss/mechanisms.h"
#include "daemon/worker/gss/names.h"
#include "daemon/worker/gss/spnego_token.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/ntlm/source.h"
#include "daemon/worker/rights.h"
#include "daemon/worker/text.h"

namespace sspid::worker::calls {

namespace {

using In = proto::InitializeSecurityContextRequest;
using Out = Reply<proto::InitializeSecurityContextReplyT>;

Outcome check_requirements(std::uint32_t requirements) {
  if (requirements & ISC_REQ_PROMPT_FOR_CREDS)
    return {SEC_E_UNSUPPORTED_FUNCTION, "a service cannot prompt for credentials"};
  if (requirements & ISC_REQ_DATAGRAM) return {SEC_E_UNSUPPORTED_FUNCTION, "there are no datagram contexts"};
  return {};
}

/// The target as each mechanism that may be used names it. Negotiate takes NTLM where the name means nothing to
/// Kerberos (E-121, E-127), or where there is nothing to use Kerberos with.
Outcome name_target(Context& context) {
  const Credential& credential = *context.credential;
  const Family family = context.package->family;
  const bool may_use_ntlm =
      family == Family::ntlm || (family == Family::negotiate && credential.may_initiate(Choice::ntlm));
  if (may_use_ntlm)
    if (Outcome named = ntlm::server_name(context.target_text, context.ntlm_target); !named.ok()) return named;
  if (family == Family::ntlm) return {};
  const bool may_use_kerberos =
      family != Family::negotiate || credential.may_initiate(Choice::kerberos) || !may_use_ntlm;
  Outcome named = may_use_kerberos ? gss::import_target(context.target_text, context.target)
                                   : Outcome{SEC_E_NO_CREDENTIALS, "Kerberos: no tickets"};
  if (named.ok()) return named;
  if (!may_use_ntlm) return named;
  context.choice = Choice::ntlm;
  return {};
}

/// What the program asked for, kept for all legs.
Outcome prepare(const Grant& grant, const In& in, std::shared_ptr<Credential> credential,
                std::shared_ptr<Context>& context) {
  if (!credential->can_initiate()) return {SEC_E_NO_CREDENTIALS, "the credential was not acquired for outbound use"};
  if (Outcome accepted = check_requirements(in.requirements()); !accepted.ok()) return accepted;
  auto prepared = std::make_shared<Context>(Role::initiator, std::move(credential));
  prepared->requirements = in.requirements();
  prepared->target_text = in.target() ? in.target()->str() : std::string();
  if (Outcome reached = may_reach(grant, *prepared->credential, prepared->target_text); !reached.ok()) return reached;
  if (Outcome named = name_target(*prepared); !named.ok()) return named;
  if (in.bindings()) prepared->bindings = std::make_unique<Bindings>(*in.bindings());
  context = std::move(prepared);
  return {};
}

/// A server may choose NTLM although Kerberos was tried first.
bool uses_ntlm(const Context& context) {
  return context.choice == Choice::ntlm || (context.guard.is_ntlm() && context.ntlm_target);
}

Leg init_sec_context(Context& context, gss_cred_id_t credential, gss_OID mechanism, gss_ctx_id_t* handle,
                     std::span<const std::byte> token, gss_buffer_t answer) {
  Leg leg;
  gss_buffer_desc input = gss::borrow(token);
  leg.major = gss_init_sec_context(
      &leg.minor, credential, handle, uses_ntlm(context) ? context.ntlm_target.get() : context.target.get(), mechanism,
      gss::request_flags(context.requirements, context.package->negotiates), GSS_C_INDEFINITE,
      context.bindings ? context.bindings->get() : GSS_C_NO_CHANNEL_BINDINGS, token.empty() ? GSS_C_NO_BUFFER : &input,
      &context.mechanism, answer, &leg.flags, &leg.lifetime);
  return leg;
}

/// Through SPNEGO the minor status is renumbered and says nothing: the same first step with bare Kerberos fails the
/// same way and says why (spec, remedy A). What it produces is thrown away.
Leg ask_kerberos_why(Context& context, const Leg& negotiation) {
  gss::Credential credential;
  if (!context.credential->kerberos_initiator(credential).ok()) return negotiation;
  gss::Context attempt;
  gss::Buffer unused;
  const Leg leg = init_sec_context(context, credential.get(), gss::krb5(), attempt.inout(), {}, unused.out());
  return GSS_ERROR(leg.major) ? leg : negotiation;
}

Outcome failure(Context& context, Leg leg, gss::Call call) {
  gss_OID mechanism = context.package->mechanism;
  if (context.package->negotiates && context.legs == 0 && !uses_ntlm(context)) {
    leg = ask_kerberos_why(context, leg);
    mechanism = gss::krb5();
  }
  const std::string why = gss::describe(leg.major, leg.minor, mechanism);
  const gss::OnBehalf on_behalf =
      context.credential->kerberos_source().acts_for_client() ? gss::OnBehalf::of_client : gss::OnBehalf::none;
  const SECURITY_STATUS status = gss::status_of(call, leg.major, leg.minor,
                                                {.explicit_credentials = context.credential->logs_on_explicitly(),
                                                 .text = why,
                                                 .ntlm = uses_ntlm(context),
                                                 .on_behalf = on_behalf});
  return {status, "target " + context.target_text + ": " + why};
}

/// One leg: the peer's token in, ours out. The context is locked.
Outcome step(Context& context, std::span<const std::byte> token, Out& out) {
  Credential::Lease lease;
  const Flavor flavor =
      gss::wants_no_ci_flags(context.requirements, context.package->negotiates) ? Flavor::no_ci : Flavor::usual;
  if (Outcome leased = context.credential->lease_initiator(context.choice, flavor, lease); !leased.ok()) return leased;
  if (context.legs == 0 && context.choice == Choice::kerberos)
    if (Outcome fetched = context.credential->fetch_ticket(context.target.get()); !fetched.ok()) return fetched;
  const Leg leg = judged(context, init_sec_context(context, lease.get(), context.package->mechanism,
                                                   context.gss.inout(), token, out.payload.token.out()));
  if (!GSS_ERROR(leg.major) || (context.requirements & ISC_REQ_EXTENDED_ERROR))
    out.payload.add(out.payload.token.bytes());
  if (GSS_ERROR(leg.major)) return failure(context, leg, gss::Call::initialize);

  context.legs += 1;
  context.touched = std::time(nullptr);
  context.guard.note(out.payload.token.bytes());
  if (leg.lifetime != 0 && !uses_ntlm(context))
    context.credential->note_ticket_for(context.target_text, context.touched + leg.lifetime);
  if (leg.major & GSS_S_CONTINUE_NEEDED) {
    out.table.attributes = gss::intermediate_initiator_attributes(context.requirements);
    return SEC_I_CONTINUE_NEEDED;
  }
  establish(context, leg, gss::initiator_attributes(leg.flags, context.requirements, context.package->negotiates));
  out.table.attributes = context.attributes;
  out.table.expiry = context.expiry;
  return {};
}

/// Failures of Kerberos after which Negotiate goes on to NTLM: nobody here has tickets, or no KDC that can be reached
/// knows the target. A wrong password, a revoked account or a clock that is wrong are not among them: who has those is
/// told so.
bool lets_ntlm_try(SECURITY_STATUS status) {
  return status == SEC_E_NO_CREDENTIALS || status == SEC_E_TARGET_UNKNOWN ||
         status == SEC_E_NO_AUTHENTICATING_AUTHORITY;
}

/// MIT's SPNEGO leaves out a mechanism whose first step fails, whatever the reason.
bool offers_kerberos_first(std::span<const std::byte> token) {
  const auto offer = gss::read_spnego(token);
  if (!offer || offer->mechanisms.empty()) return false;
  const std::span<const std::byte> first = offer->mechanisms.front();
  const gss_OID_desc oid = {static_cast<OM_uint32>(first.size()), const_cast<std::byte*>(first.data())};
  return gss::same_mechanism(&oid, gss::krb5());
}

/// The first leg: Kerberos and, where that cannot be used and may be done without, NTLM.
Outcome first_step(Context& context, Out& out) {
  Outcome stepped = step(context, {}, out);
  const bool has_alternative = context.package->negotiates && context.choice == Choice::kerberos &&
                               context.credential->may_initiate(Choice::ntlm);
  if (!has_alternative) return stepped;
  if (stepped.ok()) {
    if (offers_kerberos_first(out.payload.token.bytes())) return stepped;
    context.legs = 0;
    context.guard = ntlm::Guard(ntlm::Guard::Side::initiator);
    stepped = failure(context, {.major = GSS_S_FAILURE}, gss::Call::initialize);
  }
  if (!lets_ntlm_try(stepped.status)) return stepped;
  spdlog::info("initialize: target \"{}\": NTLM, since Kerberos cannot be used: {}", context.target_text,
               as_utf8(stepped.detail));
  context.gss.reset();
  out.payload.clear();
  context.choice = Choice::ntlm;
  return step(context, {}, out);
}

Outcome first_leg(Caller& caller, const In& in, Out& out) {
  const auto credential = caller.session.credentials.find(in.credential());
  if (!credential) return {SEC_E_INVALID_HANDLE, "no such credential"};
  std::shared_ptr<Context> context;
  if (Outcome prepared = prepare(*caller.worker.grant(), in, credential, context); !prepared.ok()) return prepared;
  Outcome stepped = first_step(*context, out);
  if (stepped.ok()) out.table.context = caller.hand_out(context);
  return stepped;
}

Outcome later_leg(Caller& caller, const In& in, Out& out) {
  LockedContext context;
  Outcome found = find_half_built(caller, in.context(), in.credential(), Role::initiator, context);
  if (found.status != SEC_E_OK) return found;
  out.table.context = std::make_unique<proto::Handle>(*in.context());
  if (caller.payload.empty()) return {SEC_E_INVALID_TOKEN, "the peer's token is missing"};
  Outcome stepped = context->guard.admit(caller.payload);
  if (stepped.ok()) stepped = step(*context, caller.payload, out);
  return stepped.ok() ? stepped : fail(*context, std::move(stepped));
}

}  // namespace

Outcome initialize_security_context(Caller& caller, const In& in, Out& out) {
  return in.context() ? later_leg(caller, in, out) : first_leg(caller, in, out);
}

}  // namespace sspid::worker::calls
