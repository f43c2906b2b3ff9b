#include "daemon/worker/calls/calls.h"
#include "daemon/worker/gss/names.h"

namespace sspid::worker::calls {

namespace {

using Out = Reply<proto::QueryContextIdentityReplyT>;

/// "alice@EXAMPLE.TEST", in which a backslash escapes what the client's realm chose to put into the name.
void name_by_principal(const std::string& principal, Out& out) {
  out.table.authority = gss::realm_of(principal);
  auto account = gss::account_of(principal);
  if (!account) return;
  out.table.user = std::move(account->name);
  out.table.realm = std::move(account->realm);
  out.table.domain = std::move(account->domain);
}

/// "EXAMPLE\alice", in which it separates. The domain is a realm's where TranslateName would take it for one's.
void name_by_account(const std::string& name, Out& out) {
  const std::size_t backslash = name.find('\\');
  const std::string domain = backslash == std::string::npos ? std::string() : name.substr(0, backslash);
  const std::string user = backslash == std::string::npos ? name : name.substr(backslash + 1);
  std::string principal;
  if (gss::principal_of(user, domain, principal).ok()) name_by_principal(principal, out);
  out.table.authority = domain;
}

void add_logon(const LogonInfo& logon, Out& out) {
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

Outcome query_context_identity(Caller& caller, const proto::QueryContextIdentityRequest& in, Out& out) {
  LockedContext context;
  Outcome found = context.find(caller, in.context());
  if (found.status != SEC_E_OK) return found;
  if (context->stage != Stage::established) return {SEC_E_INVALID_HANDLE, "the context is not complete"};
  if (context->role != Role::acceptor)
    return {SEC_E_NO_IMPERSONATION, "the context is a client's: only a server has a client to act for"};  // E-165

  const ClientIdentity* client = nullptr;
  if (Outcome learned = context->client(client); !learned.ok()) return learned;
  out.table.principal = context->initiator_name;
  (context->chosen().family == Family::ntlm ? name_by_account : name_by_principal)(context->initiator_name, out);
  out.table.identify = (context->attributes & ASC_RET_IDENTIFY) != 0;
  out.table.account = client->account;
  if (client->logon) add_logon(*client->logon, out);
  return {};
}

}  // namespace sspid::worker::calls
