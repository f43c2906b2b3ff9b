#include "daemon/worker/calls/wanted_credential.h"

#include "daemon/worker/gss/names.h"
#include "daemon/worker/keytab.h"
#include "daemon/worker/rights.h"

namespace sspid::worker::calls {

namespace {

/// Windows' limit for NTLM and Negotiate (E-028). In characters; a longer UTF-8 text may still have few of them.
constexpr std::size_t kMaxIdentityCharacters = 256;

std::string text(const flatbuffers::String* from) { return from ? from->str() : std::string(); }

/// As Windows counts: UTF-16 units, of which a 4-byte sequence takes two.
std::size_t characters(std::string_view utf8) {
  std::size_t count = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    count += (byte & 0xC0) != 0x80 ? (byte >= 0xF0 ? 2 : 1) : 0;
  }
  return count;
}

/// An identity without user, domain and password only narrows the packages: the caller's own credential is meant.
bool names_somebody(const proto::Identity& identity) {
  return identity.has_password() || !text(identity.user()).empty() || !text(identity.domain()).empty();
}

/// A key is nothing to NTLM, so Negotiate is left with Kerberos.
Outcome read_keytab(const proto::Identity& from, Caller& caller, CredentialRequest& request) {
  if (!request.package->negotiates && request.package != &kerberos())
    return {SEC_E_UNKNOWN_CREDENTIALS, "only Kerberos takes a keytab"};
  if (Outcome loaded = Keys::load(caller.payload, request.keys); !loaded.ok()) return loaded;
  if (request.package->negotiates) request.package_list.append(request.package_list.empty() ? "!ntlm" : ",!ntlm");
  if (text(from.user()).empty()) return {};
  return gss::principal_of(text(from.user()), text(from.domain()), request.principal);
}

Outcome read_identity(const proto::Identity& from, Caller& caller, CredentialRequest& request) {
  if (request.package_list.empty()) request.package_list = text(from.package_list());
  if (from.has_keytab()) return read_keytab(from, caller, request);
  if (!names_somebody(from)) return {};
  auto identity = std::make_shared<PasswordIdentity>();
  identity->user = text(from.user());
  identity->domain = text(from.domain());
  identity->password = Secret(caller.payload);
  const bool limited = request.package->negotiates || request.package->family == Family::ntlm;
  if (limited && (characters(identity->user) > kMaxIdentityCharacters ||
                  characters(identity->password.view()) > kMaxIdentityCharacters))
    return {SEC_E_INVALID_PARAMETER, "user name and password may have 256 characters at most"};
  request.identity = std::move(identity);
  return {};
}

/// SECPKG_CRED_* to directions. DEFAULT is taken as OUTBOUND; bits that nobody defined are ignored (E-012).
Outcome read_use(std::uint32_t use, CredentialRequest& request) {
  if (use & SECPKG_CRED_PROCESS_POLICY_ONLY && request.package->negotiates)
    return {SEC_E_NO_CREDENTIALS, "Negotiate has no credential for process policy only"};
  request.inbound = (use & SECPKG_CRED_INBOUND) != 0;
  request.outbound = (use & (SECPKG_CRED_OUTBOUND | SECPKG_CRED_DEFAULT)) != 0;
  if (!request.inbound && !request.outbound)
    return {SEC_E_UNKNOWN_CREDENTIALS, "the credential is to be used neither inbound nor outbound"};
  return {};
}

}  // namespace

Outcome find_named_package(const Grant& grant, const flatbuffers::String* name, const Package*& package) {
  package = find_package(text(name));
  return package ? Outcome{} : no_such_package(grant, text(name));
}

Outcome read_wanted(Caller& caller, const WantedFields& fields, CredentialRequest& request) {
  if (Outcome use = read_use(fields.use, request); !use.ok()) return use;
  request.principal = text(fields.principal);
  if (fields.identity)
    if (Outcome identity = read_identity(*fields.identity, caller, request); !identity.ok()) return identity;
  if (request.identity) request.principal.clear();
  if (fields.cache) {
    request.cache_name = text(fields.cache->name());
    request.cache_open_error = fields.cache->open_error();
  }
  request.cache_file = std::move(caller.descriptor);
  return limit_to(*caller.worker.grant(), request);
}

}  // namespace sspid::worker::calls
