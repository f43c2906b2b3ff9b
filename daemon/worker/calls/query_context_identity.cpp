#include "daemon/worker/calls/calls.h"
#include "daemon/worker/gss/names.h"

namespace sspid::worker::calls {

namespace {

/// The realm of "alice@EXAMPLE.TEST", the domain of "EXAMPLE\alice".
std::string authority_of(const std::string& principal) {
  const std::string realm = gss::realm_of(principal);
  const std::size_t backslash = principal.find('\\');
  return realm.empty() && backslash != std::string::npos ? principal.substr(0, backslash) : realm;
}

void add_logon(const LogonInfo& logon, Reply<proto::QueryContextIdentityReplyT>& out) {
  out.table.logon_name = logon.name;
  out.table.logon_domain = logon.domain;
  out.table.sids = static_cast<std::uint32_t>(2 + logon.groups.size());
  std::vector<std::byte>& sids = out.payload.sids;
  append(logon.user, sids);
  append(logon.primary_group, sids);
  for (const proto::Sid& group : logon.groups) append(group, sids);
  out.payload.add(sids);
}

}  // namespace

Outcome query_context_identity(Caller& caller, const proto::QueryContextIdentityRequest& in,
                               Reply<proto::QueryContextIdentityReplyT>& out) {
  LockedContext context;
  Outcome found = context.find(caller, in.context());
  if (found.status != SEC_E_OK) return found;
  if (context->stage != Stage::established) return {SEC_E_INVALID_HANDLE, "the context is not complete"};
  if (context->role != Role::acceptor)
    return {SEC_E_NO_IMPERSONATION, "the context is a client's: only a server has a client to act for"};  // E-165

  const ClientIdentity* client = nullptr;
  if (Outcome learned = context->client(client); !learned.ok()) return learned;
  out.table.principal = context->initiator_name;
  out.table.authority = authority_of(context->initiator_name);
  out.table.identify = (context->attributes & ASC_RET_IDENTIFY) != 0;
  out.table.account = client->account;
  if (client->logon) add_logon(*client->logon, out);
  return {};
}

}  // namespace sspid::worker::calls
