#include <ctime>

#include "daemon/worker/calls/exchange.h"
#include "daemon/worker/gss/flags.h"
#include "daemon/worker/gss/mechanisms.h"
#include "daemon/worker/gss/spnego_token.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/gss/ticket.h"
#include "daemon/worker/gss/token.h"

namespace sspid::worker::calls {

namespace {

using In = proto::AcceptSecurityContextRequest;
using Out = Reply<proto::AcceptSecurityContextReplyT>;

Outcome check_requirements(std::uint32_t requirements) {
  if (requirements & ASC_REQ_PROXY_BINDINGS)
    return requirements & ASC_REQ_ALLOW_MISSING_BINDINGS
               ? Outcome{SEC_E_INVALID_PARAMETER, "PROXY_BINDINGS and ALLOW_MISSING_BINDINGS exclude each other"}
               : Outcome{SEC_E_UNSUPPORTED_FUNCTION, "GSS-API does not show the client's own bindings"};
  return {};
}

/// GSS-API picks the mechanism by the token alone; a package takes only its own tokens, Negotiate those of its
/// packages.
bool takes(const Credential& credential, std::span<const std::byte> token) {
  const gss::TokenKind kind = gss::kind_of_token(token);
  const Package& package = credential.package();
  switch (package.family) {
    case Family::kerberos:
      return kind == gss::TokenKind::kerberos;
    case Family::ntlm:
      return kind == gss::TokenKind::ntlm;
    case Family::other:
      return gss::is_framed_for(token, package.mechanism);
    case Family::negotiate:
      return kind == gss::TokenKind::negotiate || kind == gss::TokenKind::empty ||
             (kind == gss::TokenKind::kerberos && credential.may_accept(Choice::kerberos)) ||
             (kind == gss::TokenKind::ntlm && credential.may_accept(Choice::ntlm));
  }
  return false;
}

/// Which of its packages Negotiate goes on with: the first that the client names and that this credential has something
/// for. What fits nothing is left to MIT's SPNEGO, which says no in its own token.
Choice choose(const Credential& credential, std::span<const std::byte> token) {
  if (token.empty()) return Choice::hint;
  const Choice any = credential.may_accept(Choice::kerberos) ? Choice::kerberos : Choice::ntlm;
  if (gss::kind_of_token(token) == gss::TokenKind::ntlm) return Choice::ntlm;
  const auto offer = gss::read_spnego(token);
  if (!offer) return any;
  for (const auto& mechanism : offer->mechanisms) {
    const gss_OID_desc oid = {static_cast<OM_uint32>(mechanism.size()), const_cast<std::byte*>(mechanism.data())};
    if (gss::is_kerberos(&oid) && credential.may_accept(Choice::kerberos)) return Choice::kerberos;
    if (gss::same_mechanism(&oid, gss::ntlm()) && credential.may_accept(Choice::ntlm)) return Choice::ntlm;
  }
  return any;
}

Outcome prepare(Caller& caller, const In& in, std::shared_ptr<Credential> credential,
                std::shared_ptr<Context>& context) {
  if (!credential->can_accept()) return {SEC_E_UNKNOWN_CREDENTIALS, "the credential was not acquired for inbound use"};
  if (Outcome accepted = check_requirements(in.requirements()); !accepted.ok()) return accepted;
  if (!takes(*credential, caller.payload))
    return {SEC_E_INVALID_TOKEN, "the token is not one of " + std::string(credential->package().name)};
  context = std::make_shared<Context>(Role::acceptor, std::move(credential));
  context->requirements = in.requirements();
  const gss::TokenKind kind = gss::kind_of_token(caller.payload);
  context->is_raw = kind == gss::TokenKind::kerberos || kind == gss::TokenKind::ntlm;
  return {};
}

Leg accept_sec_context(Context& context, gss_cred_id_t credential, std::span<const std::byte> token,
                       gss_buffer_t answer) {
  Leg leg;
  gss_buffer_desc input = gss::borrow(token);
  gss::Credential delegated;
  leg.major = gss_accept_sec_context(&leg.minor, context.gss.inout(), credential, &input,
                                     context.bindings ? context.bindings->get() : GSS_C_NO_CHANNEL_BINDINGS, nullptr,
                                     &context.mechanism, answer, &leg.flags, &leg.lifetime, delegated.out());
  if (delegated) context.delegated = std::move(delegated);
  return leg;
}

Outcome failure(const Context& context, const Leg& leg) {
  const bool is_ntlm = context.guard.is_ntlm();
  const bool is_raw = context.package->negotiates && context.is_raw;
  const gss_OID mechanism = !is_raw ? context.package->mechanism : is_ntlm ? gss::ntlm() : gss::krb5();
  const std::string why = gss::describe(leg.major, leg.minor, mechanism);
  // gss-ntlmssp tells other bindings from a broken token by nothing; that the token is well-formed was seen before.
  if (is_ntlm && context.bindings && GSS_ROUTINE_ERROR(leg.major) == GSS_S_DEFECTIVE_TOKEN)
    return {SEC_E_BAD_BINDINGS, "NTLM: the client is bound to another channel"};
  return {gss::status_of(gss::Call::accept, leg.major, leg.minor, {.text = why, .ntlm = is_ntlm}), why};
}

/// MIT accepts an initiator that says nothing about bindings; a server that supplies them requires them (E-065), unless
/// it audits only.
Outcome check_bindings(const Context& context, const In& in, const Leg& leg, std::uint32_t& result) {
  if (!context.bindings) return {};
  if (leg.flags & GSS_C_CHANNEL_BOUND_FLAG) {
    result = SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED;
    return {};
  }
  if (context.requirements & ASC_REQ_ALLOW_MISSING_BINDINGS) {
    result = SEC_CHANNEL_BINDINGS_RESULT_ABSENT | SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING;
    return {};
  }
  result = SEC_CHANNEL_BINDINGS_RESULT_ABSENT | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING;
  if (in.bindings() && in.bindings()->audit()) return {};
  return {SEC_E_BAD_BINDINGS, "the client is bound to no channel"};
}

/// Keeps the client's ticket for a program that may act for the client later (S4U2Proxy), where the client handed over
/// no tickets of its own.
void keep_ticket(Context& context, std::span<const std::byte> token) {
  if (context.delegated) {
    context.ticket = {};
    return;
  }
  const bool wanted = (context.requirements & ASC_REQ_DELEGATE) != 0 || context.credential->asked_for_both();
  if (!wanted || !context.ticket.empty()) return;
  const auto ticket = gss::ticket_in(token);
  context.ticket.assign(ticket.begin(), ticket.end());
}

/// One leg: the peer's token in, ours out. The context is locked.
Outcome step(Context& context, const In& in, std::span<const std::byte> token, Out& out) {
  if (in.bindings() && !context.bindings) context.bindings = std::make_unique<Bindings>(*in.bindings());
  if (Outcome admitted = context.guard.admit(token); !admitted.ok()) return admitted;
  // After a hint the client's own first token decides.
  if (context.package->negotiates && (context.legs == 0 || context.choice == Choice::hint))
    context.choice = choose(*context.credential, token);
  Credential::Lease lease;
  if (Outcome leased = context.credential->lease_acceptor(context.choice, lease); !leased.ok()) return leased;
  const Leg leg = judged(context, accept_sec_context(context, lease.get(), token, out.payload.token.out()));
  const bool error_token_wanted = (context.requirements & ASC_REQ_EXTENDED_ERROR) != 0;
  if (GSS_ERROR(leg.major)) {
    if (error_token_wanted) out.payload.add(out.payload.token.bytes());
    Outcome failed = failure(context, leg);
    if (failed.status == SEC_E_BAD_BINDINGS) out.table.bindings_result = SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH;
    return failed;
  }
  keep_ticket(context, token);
  context.guard.note(out.payload.token.bytes());
  context.legs += 1;
  context.touched = std::time(nullptr);
  if (leg.major & GSS_S_CONTINUE_NEEDED) {
    out.payload.add(out.payload.token.bytes());
    out.table.attributes = gss::intermediate_acceptor_attributes(context.requirements);
    return SEC_I_CONTINUE_NEEDED;
  }
  if (Outcome bound = check_bindings(context, in, leg, out.table.bindings_result); !bound.ok()) return bound;
  establish(context, leg, gss::acceptor_attributes(leg.flags, context.requirements));
  out.payload.add(out.payload.token.bytes());
  out.table.attributes = context.attributes;
  out.table.expiry = context.expiry;
  return {};
}

Outcome first_leg(Caller& caller, const In& in, Out& out) {
  const auto credential = caller.session.credentials.find(in.credential());
  if (!credential) return {SEC_E_INVALID_HANDLE, "no such credential"};
  std::shared_ptr<Context> context;
  if (Outcome prepared = prepare(caller, in, credential, context); !prepared.ok()) return prepared;
  Outcome stepped = step(*context, in, caller.payload, out);
  if (stepped.ok()) out.table.context = caller.hand_out(context);
  return stepped;
}

Outcome later_leg(Caller& caller, const In& in, Out& out) {
  LockedContext context;
  Outcome found = find_half_built(caller, in.context(), in.credential(), Role::acceptor, context);
  if (found.status != SEC_E_OK) return found;
  out.table.context = std::make_unique<proto::Handle>(*in.context());
  if (caller.payload.empty()) return {SEC_E_INVALID_TOKEN, "the peer's token is missing"};
  Outcome stepped = step(*context, in, caller.payload, out);
  return stepped.ok() ? stepped : fail(*context, std::move(stepped));
}

}  // namespace

Outcome accept_security_context(Caller& caller, const In& in, Out& out) {
  return in.context() ? later_leg(caller, in, out) : first_leg(caller, in, out);
}

}  // namespace sspid::worker::calls
