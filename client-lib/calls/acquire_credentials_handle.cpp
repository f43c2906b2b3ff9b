#include <cstring>
#include <optional>

#include "client-lib/async_call.h"
#include "client-lib/identity_protection.h"
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

// Everything is read when the call is made, so that an asynchronous caller may free its arguments at once, the places
// for the results aside.
class Acquire final : public Call {
 public:
  template <class Char>
  Acquire(const Char* principal, const Char* package, ULONG use, const void* logon_id, const void* auth_data,
          PCredHandle handle, PTimeStamp expiry)
      : handle_(handle), expiry_(expiry) {
    wanted_.use = use;
    wanted_.other_logon = names_other_logon(logon_id);
    refusal_ = read_names(principal, package, wanted_);
    if (refusal_ == SEC_E_OK && auth_data != nullptr) refusal_ = parse_protected_identity(auth_data, wanted_.identity.emplace());
    if (refusal_ == SEC_E_OK && wanted_.identity && wanted_.identity->keytab)
      refusal_ = failed(SEC_E_UNSUPPORTED_FUNCTION, "packed keytabs are not taken yet");
  }

  std::optional<SECURITY_STATUS> find() override {
    if (handle_ == nullptr) return failed(SEC_E_INVALID_HANDLE, "phCredential is NULL");
    SecInvalidateHandle(handle_);
    write_time(0, expiry_);
    if (refusal_ != SEC_E_OK) return refusal_;
    return std::nullopt;
  }

  std::optional<SECURITY_STATUS> begin(const std::shared_ptr<Session>& session) override {
    asked_ = session;
    cache_ = wanted_.uses_ticket_cache() ? client_ticket_cache(session->default_cache()) : TicketCache();
    builder_.Clear();
    const auto principal = wanted_.principal ? builder_.CreateString(*wanted_.principal) : 0;
    const auto package = builder_.CreateString(wanted_.package);
    const auto identity = wanted_.identity ? encode(builder_, *wanted_.identity) : 0;
    flatbuffers::Offset<proto::TicketCache> named_cache;
    if (!cache_.name.empty()) {
      const auto name = builder_.CreateString(cache_.name);
      named_cache = proto::CreateTicketCache(builder_, name, cache_.open_error);
    }
    if (wanted_.identity && wanted_.identity->password) {
      const auto bytes = wanted_.identity->password->bytes();
      password_ = {const_cast<std::byte*>(bytes.data()), bytes.size()};
    }
    return ask({.opcode = proto::Opcode::AcquireCredentialsHandle,
                .table = builder_.finish(proto::CreateAcquireCredentialsHandleRequest(
                    builder_, principal, package, wanted_.use, wanted_.other_logon, identity, named_cache)),
                .payload = std::span(&password_, 1),
                .descriptor = cache_.file.get()});
  }

  SECURITY_STATUS finish(Answer& answer) override {
    const proto::AcquireCredentialsHandleReply* reply = nullptr;
    if (const SECURITY_STATUS status = read_reply(answer, reply); status != SEC_E_OK) return status;
    if (const SECURITY_STATUS status = status_of(*reply); status != SEC_E_OK) return status;
    if (reply->credential() == nullptr) return nonsense(answer);

    Unclaimed credential(asked_, proto::Opcode::FreeCredentialsHandle, *reply->credential());
    publish(std::make_shared<Credential>(asked_, *reply->credential()), *handle_);
    credential.claimed();
    write_time(reply->expiry(), expiry_);
    return SEC_E_OK;
  }

 private:
  const PCredHandle handle_;
  const PTimeStamp expiry_;
  Wanted wanted_;
  SECURITY_STATUS refusal_ = SEC_E_OK;
  std::shared_ptr<Session> asked_;
  TicketCache cache_;
  iovec password_{};
  TableBuilder builder_;
};

}  // namespace

}  // namespace sspi

SECURITY_STATUS AcquireCredentialsHandleW(SEC_WCHAR* pszPrincipal, SEC_WCHAR* pszPackage, ULONG fCredentialUse,
                                          void* pvLogonId, void* pAuthData, SEC_GET_KEY_FN, void*,
                                          PCredHandle phCredential, PTimeStamp ptsExpiry) {
  return sspi::run<sspi::Acquire>(pszPrincipal, pszPackage, fCredentialUse, pvLogonId, pAuthData, phCredential,
                                  ptsExpiry);
}

SECURITY_STATUS AcquireCredentialsHandleA(SEC_CHAR* pszPrincipal, SEC_CHAR* pszPackage, ULONG fCredentialUse,
                                          void* pvLogonId, void* pAuthData, SEC_GET_KEY_FN, void*,
                                          PCredHandle phCredential, PTimeStamp ptsExpiry) {
  return sspi::run<sspi::Acquire>(pszPrincipal, pszPackage, fCredentialUse, pvLogonId, pAuthData, phCredential,
                                  ptsExpiry);
}

SECURITY_STATUS SspiAcquireCredentialsHandleAsyncW(SspiAsyncContext* AsyncContext, SEC_WCHAR* pszPrincipal,
                                                   SEC_WCHAR* pszPackage, ULONG fCredentialUse, void* pvLogonId,
                                                   void* pAuthData, SEC_GET_KEY_FN, void*, PCredHandle phCredential,
                                                   PTimeStamp ptsExpiry) {
  return sspi::start<sspi::Acquire>(AsyncContext, pszPrincipal, pszPackage, fCredentialUse, pvLogonId, pAuthData,
                                    phCredential, ptsExpiry);
}

SECURITY_STATUS SspiAcquireCredentialsHandleAsyncA(SspiAsyncContext* AsyncContext, SEC_CHAR* pszPrincipal,
                                                   SEC_CHAR* pszPackage, ULONG fCredentialUse, void* pvLogonId,
                                                   void* pAuthData, SEC_GET_KEY_FN, void*, PCredHandle phCredential,
                                                   PTimeStamp ptsExpiry) {
  return sspi::start<sspi::Acquire>(AsyncContext, pszPrincipal, pszPackage, fCredentialUse, pvLogonId, pAuthData,
                                    phCredential, ptsExpiry);
}
