#include <openssl/crypto.h>

#include "daemon/worker/calls/wanted_credential.h"
#include "daemon/worker/delegation.h"
#include "daemon/worker/rights.h"

namespace sspid::worker::calls {

namespace {

/// While the thread acts for a client, its own tickets are that client's and nobody else's.
Outcome find_client(Caller& caller, const proto::Handle* context, CredentialRequest& request) {
  if (!context || request.identity || request.keys || !request.outbound) return {};
  Outcome found = find_tickets_of_client(caller, *context, request.tickets);
  if (found.ok()) found = may_act_for_client(*caller.worker.grant(), *request.tickets);
  if (!found.ok()) request.tickets.reset();
  if (found.ok() || !request.inbound) return found;
  request.outbound = false;  // a credential for both directions is good for the one for which there is something
  return {};
}

Outcome read(Caller& caller, const proto::AcquireCredentialsHandleRequest& in, CredentialRequest& request) {
  if (Outcome named = find_named_package(*caller.worker.grant(), in.package(), request.package); !named.ok())
    return named;
  if (in.other_logon()) return {SEC_E_NOT_OWNER, "the credentials of another logon session cannot be had"};
  request.for_client = in.impersonating() != nullptr;
  if (Outcome read = read_wanted(caller, WantedFields(in), request); !read.ok()) return read;
  return find_client(caller, in.impersonating(), request);
}

}  // namespace

Outcome acquire_credentials_handle(Caller& caller, const proto::AcquireCredentialsHandleRequest& in,
                                   Reply<proto::AcquireCredentialsHandleReplyT>& out) {
  CredentialRequest request;
  Outcome outcome = read(caller, in, request);
  OPENSSL_cleanse(caller.payload.data(), caller.payload.size());  // the password or keytab
  if (!outcome.ok()) return outcome;
  std::shared_ptr<Credential> credential;
  outcome = Credential::acquire(caller.worker, std::move(request), credential);
  if (!outcome.ok()) return outcome;
  out.table.expiry = credential->expiry();
  out.table.credential = caller.hand_out(std::move(credential));
  return {};
}

}  // namespace sspid::worker::calls
