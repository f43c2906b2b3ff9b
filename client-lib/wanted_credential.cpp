#include "client-lib/wanted_credential.h"

#include "client-lib/session.h"
#include "client-lib/text.h"
#include "proto/limits.h"

namespace sspi {

namespace {

template <class Char>
SECURITY_STATUS read(const Char* principal, const Char* package, WantedCredential& wanted) {
  if (package == nullptr) return failed(SEC_E_SECPKG_NOT_FOUND, "no package is named");
  auto package_name = to_utf8(package);
  if (!package_name) return failed(SEC_E_INVALID_PARAMETER, "the package's name is not well-formed text");
  if (package_name->size() > proto::kMaxName) return failed(SEC_E_SECPKG_NOT_FOUND, "the package's name is too long");
  wanted.package = std::move(*package_name);
  if (principal == nullptr) return SEC_E_OK;
  wanted.principal = to_utf8(principal);
  if (!wanted.principal || wanted.principal->size() > proto::kMaxName)
    return failed(SEC_E_INVALID_PARAMETER, "the principal is too long or not well-formed text");
  return SEC_E_OK;
}

}  // namespace

TicketCache WantedCredential::ticket_cache(const Session& session) const {
  if (!uses_ticket_cache()) return {};
  const auto owner = principal ? parse_principal(*principal, session.default_realm()) : std::nullopt;
  return client_ticket_cache(session.default_cache(), owner);
}

iovec WantedCredential::secret() const {
  if (!identity) return {};
  const auto& given = identity->keytab ? identity->keytab : identity->password;
  if (!given) return {};
  return {const_cast<std::byte*>(given->bytes().data()), given->size()};
}

SECURITY_STATUS read_names(const SEC_WCHAR* principal, const SEC_WCHAR* package, WantedCredential& wanted) {
  return read(principal, package, wanted);
}

SECURITY_STATUS read_names(const SEC_CHAR* principal, const SEC_CHAR* package, WantedCredential& wanted) {
  return read(principal, package, wanted);
}

flatbuffers::Offset<proto::Identity> encode(TableBuilder& builder, const std::optional<Identity>& identity) {
  if (!identity) return 0;
  const auto text = [&](const std::string& s) {
    return s.empty() ? flatbuffers::Offset<flatbuffers::String>() : builder.CreateString(s);
  };
  const auto user = text(identity->user);
  const auto domain = text(identity->domain);
  const auto package_list = text(identity->package_list);
  return proto::CreateIdentity(builder, user, domain, package_list, identity->password.has_value(),
                               identity->keytab.has_value());
}

flatbuffers::Offset<proto::TicketCache> encode(TableBuilder& builder, const TicketCache& cache) {
  if (cache.name.empty()) return 0;
  const auto name = builder.CreateString(cache.name);
  return proto::CreateTicketCache(builder, name, cache.open_error);
}

}  // namespace sspi
