#include <openssl/crypto.h>

#include "daemon/worker/calls/wanted_credential.h"

namespace sspid::worker::calls {

namespace {

/// Adds to the part of one package: the credential's own or, in a Negotiate credential, one that it chooses from.
Outcome choose_part(const Credential& credential, const Package& named, CredentialRequest& request) {
  request.package = &credential.package();
  if (&named == request.package) return {};
  if (!request.package->negotiates || named.negotiates)
    return {SEC_E_UNSUPPORTED_FUNCTION,
            std::string(request.package->name) + " has no part of " + std::string(named.name)};
  if (!package_list_admits(credential.package_list(), named))
    return {SEC_E_UNSUPPORTED_FUNCTION, "the credential's package list leaves " + std::string(named.name) + " out"};
  request.package_list = named.name;
  return {};
}

Outcome acquire_addition(Caller& caller, const proto::AddCredentialsRequest& in, const Credential& credential,
                         std::shared_ptr<Credential>& addition) {
  const Package* named = nullptr;
  CredentialRequest request;
  if (Outcome found = find_named_package(*caller.worker.grant(), in.package(), named); !found.ok()) return found;
  if (Outcome fits = choose_part(credential, *named, request); !fits.ok()) return fits;
  if (Outcome read = read_wanted(caller, WantedFields(in), request); !read.ok()) return read;
  return Credential::acquire(caller.worker, std::move(request), addition);
}

}  // namespace

// The handle names a new credential afterwards; contexts keep the one that they were made from.
Outcome add_credentials(Caller& caller, const proto::AddCredentialsRequest& in,
                        Reply<proto::AddCredentialsReplyT>& out) {
  auto credential = caller.session.credentials.find(in.credential());
  std::shared_ptr<Credential> addition;
  Outcome outcome = credential ? acquire_addition(caller, in, *credential, addition)
                               : Outcome{SEC_E_INVALID_HANDLE, "no such credential"};
  OPENSSL_cleanse(caller.payload.data(), caller.payload.size());  // the password or keytab
  if (!outcome.ok()) return outcome;
  std::shared_ptr<Credential> whole;
  do {  // another call may have added something meanwhile
    credential = caller.session.credentials.find(in.credential());
    if (!credential) return {SEC_E_INVALID_HANDLE, "the credential was freed meanwhile"};
    if (Outcome joined = Credential::join(*credential, *addition, whole); !joined.ok()) return joined;
  } while (!caller.session.credentials.replace(in.credential(), credential, whole));
  out.table.expiry = whole->expiry();
  return {};
}

}  // namespace sspid::worker::calls
