#include "client-lib/context_identity.h"

#include "client-lib/exchange.h"
#include "proto/limits.h"

namespace sspi {

namespace {

std::string copy(const flatbuffers::String* text) { return text == nullptr ? std::string() : text->str(); }

bool read_sids(std::span<const std::byte> payload, std::uint32_t count, std::vector<proto::Sid>& sids) {
  if (count > proto::kMaxSids + 2) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto sid = proto::take_sid(payload);
    if (!sid) return false;
    sids.push_back(*sid);
  }
  return payload.empty();
}

}  // namespace

SECURITY_STATUS query_identity(const Context& context, ContextIdentity& identity) {
  {
    TableBuilder builder;
    const auto table = builder.finish(proto::CreateQueryContextIdentityRequest(builder, &context.id));
    Answer answer;
    const proto::QueryContextIdentityReply* reply = nullptr;
    const SECURITY_STATUS status =
        ask(*context.session, {.opcode = proto::Opcode::QueryContextIdentity, .table = table}, {}, answer, reply);
    if (status != SEC_E_OK) return status;
    if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) return refusal;
    identity.principal = copy(reply->principal());
    identity.authority = copy(reply->authority());
    identity.identify_only = reply->identify();
    identity.account_name = copy(reply->account());
    identity.logon_name = copy(reply->logon_name());
    identity.logon_domain = copy(reply->logon_domain());
    identity.user = copy(reply->user());
    identity.realm = copy(reply->realm());
    identity.domain = copy(reply->domain());
    if (!read_sids(answer.reply.payload, reply->sids(), identity.sids)) return nonsense(answer);
  }
  // The connection is given back before: the user database may be slow.
  identity.account = find_local_account(identity.account_name);
  return SEC_E_OK;
}

}  // namespace sspi
