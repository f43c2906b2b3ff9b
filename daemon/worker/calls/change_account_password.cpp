#include <openssl/crypto.h>

#include "daemon/worker/calls/calls.h"
#include "daemon/worker/gss/mechanisms.h"
#include "daemon/worker/gss/names.h"
#include "daemon/worker/named_cache.h"
#include "daemon/worker/password.h"
#include "daemon/worker/rights.h"
#include "daemon/worker/ticket_cache.h"

namespace sspid::worker::calls {

namespace {

using In = proto::ChangeAccountPasswordRequest;
using Out = Reply<proto::ChangeAccountPasswordReplyT>;

std::string text(const flatbuffers::String* from) { return from ? from->str() : std::string(); }

Outcome check_package(const Grant& grant, const In& in) {
  const std::string name = text(in.package());
  const Package* package = find_package(name);
  if (!package) return no_such_package(grant, name);
  if (!package->negotiates && package != &kerberos())
    return {SEC_E_UNSUPPORTED_FUNCTION, "only Kerberos can change passwords"};
  return {};
}

/// The program's own tickets, as AcquireCredentialsHandle would find them.
Outcome find_tickets(Caller& caller, const proto::TicketCache* named, std::shared_ptr<TicketCache>& tickets) {
  const std::string name = named ? text(named->name()) : std::string();
  return copy_tickets(caller.worker, {name, named ? named->open_error() : 0, caller.descriptor}, {}, tickets);
}

Outcome change(Caller& caller, const In& in, const std::string& principal, const Secret& old_password,
               const Secret& new_password, std::optional<PasswordRules>& rules) {
  if (in.has_old()) {
    // Without it nobody may become anybody (E-190).
    if (old_password.empty()) return {SEC_E_LOGON_DENIED, "Kerberos: the old password is empty"};
    return change_password(principal, old_password, new_password, rules);
  }
  if (!in.administrative()) return {SEC_E_LOGON_DENIED, "Kerberos: the old password is missing"};
  std::shared_ptr<TicketCache> tickets;
  if (Outcome found = find_tickets(caller, in.cache(), tickets); !found.ok()) return found;
  return set_password(*tickets, principal, new_password, rules);
}

}  // namespace

Outcome change_account_password(Caller& caller, const In& in, Out& out) {
  const Secret old_password(caller.payload.first(in.old_length()));
  const Secret new_password(caller.payload.subspan(in.old_length()));
  OPENSSL_cleanse(caller.payload.data(), caller.payload.size());
  const auto grant = caller.worker.grant();
  if (Outcome fits = check_package(*grant, in); !fits.ok()) return fits;
  std::string principal;
  if (Outcome named = gss::principal_of(text(in.account()), text(in.domain()), principal); !named.ok()) return named;
  if (Outcome reached = may_change_passwords(*grant, gss::realm_of(principal)); !reached.ok()) return reached;

  std::optional<PasswordRules> rules;
  Outcome outcome = change(caller, in, principal, old_password, new_password, rules);
  if (rules) {
    out.table.rules = std::make_unique<proto::PasswordRulesT>();
    out.table.rules->min_length = rules->min_length;
    out.table.rules->history = rules->history;
    out.table.rules->properties = rules->properties;
    out.table.rules->max_age = rules->max_age;
    out.table.rules->min_age = rules->min_age;
  }
  return outcome;
}

}  // namespace sspid::worker::calls
