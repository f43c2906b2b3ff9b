#include <openssl/crypto.h>
#include <spdlog/spdlog.h>

#include "daemon/worker/calls/calls.h"

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

Outcome read_identity(const proto::Identity& from, Caller& caller, CredentialRequest& request) {
  request.package_list = text(from.package_list());
  if (!names_somebody(from)) return {};
  auto identity = std::make_shared<PasswordIdentity>();
  identity->user = text(from.user());
  identity->domain = text(from.domain());
  identity->password = Secret(caller.payload);
  if (request.package->negotiates && (characters(identity->user) > kMaxIdentityCharacters ||
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

Outcome read(Caller& caller, const proto::AcquireCredentialsHandleRequest& in, CredentialRequest& request) {
  const std::string package = text(in.package());
  request.package = find_package(package);
  if (!request.package) return {SEC_E_SECPKG_NOT_FOUND, "there is no package \"" + package + "\""};
  if (in.other_logon()) return {SEC_E_NOT_OWNER, "the credentials of another logon session cannot be had"};
  if (Outcome use = read_use(in.use(), request); !use.ok()) return use;
  if (in.identity())
    if (Outcome identity = read_identity(*in.identity(), caller, request); !identity.ok()) return identity;
  request.principal = request.identity ? std::string() : text(in.principal());
  if (const proto::TicketCache* cache = in.cache()) {
    request.cache_name = text(cache->name());
    request.cache_open_error = cache->open_error();
  }
  request.cache_file = std::move(caller.descriptor);
  return {};
}

}  // namespace

Outcome acquire_credentials_handle(Caller& caller, const proto::AcquireCredentialsHandleRequest& in,
                                   Reply<proto::AcquireCredentialsHandleReplyT>& out) {
  CredentialRequest request;
  Outcome outcome = read(caller, in, request);
  OPENSSL_cleanse(caller.payload.data(), caller.payload.size());  // the password
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
