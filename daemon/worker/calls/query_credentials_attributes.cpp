#include "daemon/worker/calls/calls.h"

namespace sspid::worker::calls {

namespace {

using Out = Reply<proto::QueryCredentialsAttributesReplyT>;

Outcome names(const Credential& credential, Out& out) {
  out.table.name = credential.name();
  return {};
}

struct Attribute {
  std::uint32_t number;
  Outcome (*answer)(const Credential&, Out&);
  const char* tells;
};

// tools/generate-function-table prints this table and the next into docs/functions.md.
constexpr Attribute kAttributes[] = {
    {SECPKG_CRED_ATTR_NAMES, names,
     "the principal: of an identity as given until it has logged on, of a keytab its first, of NTLM's users this host"},
};

struct Missing {
  std::uint32_t number;
  const char* reason;
};
constexpr Missing kMissing[] = {
    {SECPKG_CRED_ATTR_SSI_PROVIDER, "of providers that Windows lets others add"},
    {SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, "can be set, not asked for, as on Windows"},
    {SECPKG_CRED_ATTR_CERT, "no credential here is a certificate"},
    {SECPKG_CRED_ATTR_PAC_BYPASS, "of Windows' services that log on without a PAC"},
    {SECPKG_CRED_KERB_ANCHOR_DS_VERSION, "of a directory that Windows' Kerberos keeps in mind"},
};

Outcome refuse(std::uint32_t number) {
  for (const Missing& missing : kMissing)
    if (missing.number == number) return {SEC_E_UNSUPPORTED_FUNCTION, missing.reason};
  return {SEC_E_UNSUPPORTED_FUNCTION, "credentials have no such attribute"};
}

}  // namespace

Outcome query_credentials_attributes(Caller& caller, const proto::QueryCredentialsAttributesRequest& in, Out& out) {
  const auto credential = caller.session.credentials.find(in.credential());
  if (!credential) return {SEC_E_INVALID_HANDLE, "no such credential"};
  for (const Attribute& attribute : kAttributes)
    if (attribute.number == in.attribute()) return attribute.answer(*credential, out);
  return refuse(in.attribute());
}

}  // namespace sspid::worker::calls
