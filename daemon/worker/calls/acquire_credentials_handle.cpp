#include <openssl/crypto.h>
#include <spdlog/spdlog.h>

#include "daemon/worker/calls/wanted_credential.h"

namespace sspid::worker::calls {

namespace {

Outcome read(Caller& caller, const proto::AcquireCredentialsHandleRequest& in, CredentialRequest& request) {
  if (Outcome named = find_named_package(in.package(), request.package); !named.ok()) return named;
  if (in.other_logon()) return {SEC_E_NOT_OWNER, "the credentials of another logon session cannot be had"};
  return read_wanted(caller, WantedFields(in), request);
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
  if (!outcome.ok()) {
    spdlog::info("acquire: {}", outcome.detail);
    return outcome;
  }
  out.table.expiry = credential->expiry();
  out.table.credential = caller.hand_out(std::move(credential));
  return {};
}

}  // namespace sspid::worker::calls
