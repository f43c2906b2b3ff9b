#include <cstring>
#include <optional>

#include "client-lib/c_boundary.h"
#include "client-lib/exchange.h"
#include "client-lib/handles.h"
#include "client-lib/identity.h"
#include "client-lib/text.h"
#include "client-lib/ticket_cache.h"
#include "client-lib/time_stamp.h"
#include "proto/limits.h"

namespace sspi {

namespace {

struct Wanted {
  std::optional<std::string> principal;
  std::string package;
  ULONG use = 0;
  bool other_logon = false;
  std::optional<Identity> identity;

  /// Somebody's own tickets are used where nobody else is named.
  [[nodiscard]] bool uses_ticket_cache() const {
    const bool outbound = (use & (SECPKG_CRED_OUTBOUND | SECPKG_CRED_DEFAULT)) != 0;
    return outbound && (!identity || identity->user.empty());
  }
};

template <class Char>
SECURITY_STATUS read_names(const Char* principal, const Char* package, Wanted& wanted) {
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

// A LUID of zeros names the caller's own logon session.
bool names_other_logon(const void* logon_id) {
  if (logon_id == nullptr) return false;
  LUID luid;
  std::memcpy(&luid, logon_id, sizeof luid);
  return luid.LowPart != 0 || luid.HighPart != 0;
}

flatbuffers::Offset<proto::Identity> encode(TableBuilder& builder, const Identity& identity) {
  const auto text = [&](const std::string& s) {
    return s.empty() ? flatbuffers::Offset<flatbuffers::String>() : builder.CreateString(s);
  };
  const auto user = text(identity.user);
  const auto domain = text(identity.domain);
  const auto package_list = text(identity.package_list);
  return proto::CreateIdentity(builder, user, domain, package_list, identity.password.has_value());
}

Exchange ask_credential(const Wanted& wanted, Session& session, Answer& answer) {
  const TicketCache cache = wanted.uses_ticket_cache() ? client_ticket_cache(session.default_cache()) : TicketCache();
  TableBuilder builder;
  const auto principal = wanted.principal ? builder.CreateString(*wanted.principal) : 0;
  const auto package = builder.CreateString(wanted.package);
  const auto identity = wanted.identity ? encode(builder, *wanted.identity) : 0;
  flatbuffers::Offset<proto::TicketCache> named_cache;
  if (!cache.name.empty()) {
    const auto name = builder.CreateString(cache.name);
    named_cache = proto::CreateTicketCache(builder, name, cache.open_error);
  }
  const auto table = builder.finish(proto::CreateAcquireCredentialsHandleRequest(
      builder, principal, package, wanted.use, wanted.other_logon, identity, named_cache));

  iovec password{};
  if (wanted.identity && wanted.identity->password) {
    const auto bytes = wanted.identity->password->bytes();
    password = {const_cast<std::byte*>(bytes.data()), bytes.size()};
  }
  return session.transact({.opcode = proto::Opcode::AcquireCredentialsHandle,
                           .table = table,
                           .payload = std::span(&password, 1),
                           .descriptor = cache.file.get()},
                          {}, answer);
}

SECURITY_STATUS acquire(const Wanted& wanted, SecHandle& handle, PTimeStamp expiry) {
  Answer answer;
  std::shared_ptr<Session> session;
  const auto ask = [&](const std::shared_ptr<Session>& current) {
    session = current;
    return ask_credential(wanted, *current, answer);
  };
  if (const SECURITY_STATUS status = Session::on_current(ask); status != SEC_E_OK) return status;
  const auto* reply = answer.read<proto::AcquireCredentialsHandleReply>();
  if (reply == nullptr) return nonsense(answer);
  if (const SECURITY_STATUS status = status_of(*reply); status != SEC_E_OK) return status;
  if (reply->credential() == nullptr) return nonsense(answer);

  Unclaimed credential(session, proto::Opcode::FreeCredentialsHandle, *reply->credential());
  publish(std::make_shared<Credential>(session, *reply->credential()), handle);
  credential.claimed();
  write_time(reply->expiry(), expiry);
  return SEC_E_OK;
}

template <class Char>
SECURITY_STATUS acquire(const Char* principal, const Char* package, ULONG use, const void* logon_id,
                        const void* auth_data, PCredHandle handle, PTimeStamp expiry) {
  if (handle == nullptr) return failed(SEC_E_INVALID_HANDLE, "phCredential is NULL");
  SecInvalidateHandle(handle);
  write_time(0, expiry);
  Wanted wanted;
  wanted.use = use;
  wanted.other_logon = names_other_logon(logon_id);
  if (const SECURITY_STATUS status = read_names(principal, package, wanted); status != SEC_E_OK) return status;
  if (auth_data != nullptr) {
    const SECURITY_STATUS status = parse_identity(auth_data, wanted.identity.emplace());
    if (status != SEC_E_OK) return status;
    if (wanted.identity->keytab) return failed(SEC_E_UNSUPPORTED_FUNCTION, "packed keytabs are not taken yet");
  }
  return acquire(wanted, *handle, expiry);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS AcquireCredentialsHandleW(SEC_WCHAR* pszPrincipal, SEC_WCHAR* pszPackage, ULONG fCredentialUse,
                                          void* pvLogonId, void* pAuthData, SEC_GET_KEY_FN, void*,
                                          PCredHandle phCredential, PTimeStamp ptsExpiry) {
  return sspi::c_boundary([&] {
    return sspi::acquire(pszPrincipal, pszPackage, fCredentialUse, pvLogonId, pAuthData, phCredential, ptsExpiry);
  });
}

SECURITY_STATUS AcquireCredentialsHandleA(SEC_CHAR* pszPrincipal, SEC_CHAR* pszPackage, ULONG fCredentialUse,
                                          void* pvLogonId, void* pAuthData, SEC_GET_KEY_FN, void*,
                                          PCredHandle phCredential, PTimeStamp ptsExpiry) {
  return sspi::c_boundary([&] {
    return sspi::acquire(pszPrincipal, pszPackage, fCredentialUse, pvLogonId, pAuthData, phCredential, ptsExpiry);
  });
}
