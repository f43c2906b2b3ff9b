#include "client-lib/c_boundary.h"
#include "client-lib/context_identity.h"
#include "client-lib/impersonation.h"

namespace sspi {

namespace {

SECURITY_STATUS no_impersonation(std::string_view why) { return failed(SEC_E_NO_IMPERSONATION, why); }

SECURITY_STATUS impersonate_account(const CtxtHandle* handle) {
  const ContextInUse context(handle);
  if (!context) return context.refusal();
  ContextIdentity client;
  if (const SECURITY_STATUS status = query_identity(*context, client); status != SEC_E_OK) return status;
  if (client.identify_only) return no_impersonation("the client is to be identified only (ISC_REQ_IDENTIFY)");  // E-169
  if (!client.account) return no_impersonation(client.principal + " has no account on this system");            // E-166
  const LocalAccount& account = *client.account;
  if (account.user < lowest_impersonated_user() || account.user == static_cast<uid_t>(-1))
    return no_impersonation("the uid of " + account.name + " is below those that may be impersonated");
  return impersonate(*context, &account);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS ImpersonateSecurityContext(PCtxtHandle phContext) {
  return sspi::c_boundary([&] { return sspi::impersonate_account(phContext); });
}
