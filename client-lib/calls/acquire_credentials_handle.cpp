#include <cstring>

#include "client-lib/async_call.h"
#include "client-lib/identity_protection.h"
#include "client-lib/impersonation.h"
#include "client-lib/time_stamp.h"
#include "client-lib/wanted_credential.h"

namespace sspi {

namespace {

struct Wanted : WantedCredential {
  bool other_logon = false;
};

// A LUID of zeros names the caller's own logon session.
bool names_other_logon(const void* logon_id) {
  if (logon_id == nullptr) return false;
  LUID luid;
  std::memcpy(&luid, logon_id, sizeof luid);
  return luid.LowPart != 0 || luid.HighPart != 0;
}

// Everything is read when the call is made, so that an asynchronous caller may free its arguments at once, the places
// for the results aside. An encrypted identity is opened by a question of its own before the one for the credential.
class Acquire final : public Call {
 public:
  template <class Char>
  Acquire(const Char* principal, const Char* package, ULONG use, const void* logon_id, const void* auth_data,
          PCredHandle handle, PTimeStamp expiry)
      : handle_(handle), expiry_(expiry) {
    wanted_.use = use;
    wanted_.other_logon = names_other_logon(logon_id);
    refusal_ = read_names(principal, package, wanted_);
    if (refusal_ == SEC_E_OK && auth_data != nullptr)
      refusal_ = parse_or_seal(auth_data, wanted_.identity.emplace(), sealed_);
    thread_acts_for_ = impersonated();
    if (!sealed_) choose_tickets();
  }

  std::optional<SECURITY_STATUS> find() override {
    if (handle_ == nullptr) return failed(SEC_E_INVALID_HANDLE, "phCredential is NULL");
    SecInvalidateHandle(handle_);
    write_time(0, expiry_);
    if (refusal_ != SEC_E_OK) return refusal_;
    return std::nullopt;
  }

  std::optional<SECURITY_STATUS> begin(const std::shared_ptr<Session>& session) override {
    if (sealed_) return ask_to_open();
    asked_ = session;
    cache_ = client_ ? TicketCache() : wanted_.ticket_cache(*session);
    builder_.Clear();
    const auto principal = wanted_.principal ? builder_.CreateString(*wanted_.principal) : 0;
    const auto package = builder_.CreateString(wanted_.package);
    const auto identity = encode(builder_, wanted_.identity);
    const auto named_cache = encode(builder_, cache_);
    secret_ = wanted_.secret();
    return ask({.opcode = proto::Opcode::AcquireCredentialsHandle,
                .table = builder_.finish(proto::CreateAcquireCredentialsHandleRequest(
                    builder_, principal, package, wanted_.use, wanted_.other_logon, identity, named_cache,
                    client_ ? &client_->context : nullptr)),
                .payload = std::span(&secret_, 1),
                .descriptor = cache_.file.get()});
  }

  bool asks_again(Answer& answer) override {
    if (!sealed_) return false;
    refusal_ = sealed_->open(answer, *wanted_.identity);
    sealed_.reset();
    choose_tickets();
    return refusal_ == SEC_E_OK;
  }

  SECURITY_STATUS finish(Answer& answer) override {
    if (refusal_ != SEC_E_OK) return refusal_;
    const proto::AcquireCredentialsHandleReply* reply = nullptr;
    if (const SECURITY_STATUS status = read_reply(answer, reply); status != SEC_E_OK) return status;
    if (const SECURITY_STATUS status = status_of(*reply); status != SEC_E_OK) return status;
    if (reply->credential() == nullptr) return nonsense(answer);

    Unclaimed credential(asked_, proto::Opcode::FreeCredentialsHandle, *reply->credential());
    const auto object = std::make_shared<Credential>(asked_, *reply->credential());
    object->package = wanted_.package;
    publish(object, *handle_);
    credential.claimed();
    write_time(reply->expiry(), expiry_);
    return SEC_E_OK;
  }

 private:
  // What the thread did when the call was made counts, not what it does when an answer comes.
  void choose_tickets() {
    if (!wanted_.uses_ticket_cache() || !thread_acts_for_) return;
    client_ = thread_acts_for_;
    session_ = client_->session;
  }

  std::optional<SECURITY_STATUS> ask_to_open() {
    Request request;
    if (const SECURITY_STATUS status = sealed_->question(request); status != SEC_E_OK) return status;
    return ask(request);
  }

  const PCredHandle handle_;
  const PTimeStamp expiry_;
  Wanted wanted_;
  SECURITY_STATUS refusal_ = SEC_E_OK;
  std::unique_ptr<SealedIdentity> sealed_;  // until it is opened
  std::optional<Impersonated> thread_acts_for_;
  std::optional<Impersonated> client_;  // whose tickets take the place of the process' own
  std::shared_ptr<Session> asked_;
  TicketCache cache_;
  iovec secret_{};
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
