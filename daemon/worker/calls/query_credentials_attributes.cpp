#include "daemon/worker/calls/calls.h"

namespace sspid::worker::calls {

Outcome query_credentials_attributes(Caller& caller, const proto::QueryCredentialsAttributesRequest& in,
                                     Reply<proto::QueryCredentialsAttributesReplyT>& out) {
  const auto credential = caller.session.credentials.find(in.credential());
  if (!credential) return {SEC_E_INVALID_HANDLE, "no such credential"};
  if (in.attribute() != SECPKG_CRED_ATTR_NAMES)
    return {SEC_E_UNSUPPORTED_FUNCTION, "credentials have no such attribute"};
  out.table.name = credential->name();
  return {};
}

}  // namespace sspid::worker::calls
