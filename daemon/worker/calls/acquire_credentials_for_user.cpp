
#include "daemon/worker/calls/calls.h"
#include "daemon/worker/delegation.h"
#include "daemon/worker/gss/mechanisms.h"
#include "daemon/worker/gss/names.h"
#include "daemon/worker/rights.h"
#include "daemon/worker/service_tickets.h"

namespace sspid::worker::calls {

namespace {

using In = proto::AcquireCredentialsForUserRequest;
using Out = Reply<proto::AcquireCredentialsForUserReplyT>;

std::string text(const flatbuffers::String* from) { return from ? from->str() : std::string(); }

/// By a key that no program named a credential for.
Outcome tickets_by_keytab(Worker& worker, std::string principal, std::shared_ptr<TicketCache>& tickets) {
  std::shared_ptr<const Keys> keys;
  const Keytab& keytab = worker.grant()->by_client_keytab ? *worker.client_keytab : *worker.keytab;
  if (Outcome current = keytab.current(keys); !current.ok()) return current;
  if (principal.empty()) principal = keys->first_principal();
  return worker.service_tickets->find(principal, keys, tickets);
}

Outcome tickets_of_service(Caller& caller, const In& in, std::shared_ptr<TicketCache>& tickets) {
  if (!in.service()) return tickets_by_keytab(caller.worker, text(in.service_principal()), tickets);
  const auto credential = caller.session.credentials.find(in.service());
  if (!credential) return {SEC_E_INVALID_HANDLE, "no such credential"};
  return credential->find_own_tickets(caller.worker, tickets);
}

Outcome acquire(Caller& caller, const In& in, std::shared_ptr<Credential>& credential) {
  CredentialRequest request;
  request.package = find_package(text(in.package()));
  request.outbound = true;
  const auto grant = caller.worker.grant();
  if (!request.package) return no_such_package(*grant, text(in.package()));
  if (!request.package->negotiates && !gss::same_mechanism(request.package->mechanism, gss::krb5()))
    return {SEC_E_UNSUPPORTED_FUNCTION, "only Kerberos gives a service tickets in a user's name"};
  if (!grant->s4u2self)
    return {SEC_E_NOT_OWNER, "policy does not let " + grant->identity + " act for users who never came",
            "delegate.s4u2self"};
  std::string user;
  if (Outcome named = gss::principal_of(text(in.user()), {}, user); !named.ok()) return named;
  std::shared_ptr<TicketCache> service;
  if (Outcome found = tickets_of_service(caller, in, service); !found.ok()) return found;
  if (Outcome got = get_tickets_for_user(*service, user, request.tickets); !got.ok()) return got;
  return Credential::acquire(caller.worker, std::move(request), credential);
}

}  // namespace

Outcome acquire_credentials_for_user(Caller& caller, const In& in, Out& out) {
  std::shared_ptr<Credential> credential;
  if (Outcome acquired = acquire(caller, in, credential); !acquired.ok()) return acquired;
  out.table.expiry = credential->expiry();
  out.table.credential = caller.hand_out(std::move(credential));
  return {};
}

}  // namespace sspid::worker::calls
