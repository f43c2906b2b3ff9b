#include "client-lib/call.h"
#include "client-lib/text.h"
#include "client-lib/time_stamp.h"
#include "include/sspi_ext.h"
#include "proto/limits.h"

namespace sspi {

namespace {

class AcquireForUser final : public Call {
 public:
  template <class Char>
  AcquireForUser(const Char* user, const Char* package, PCredHandle service, const Char* service_principal,
                 PCredHandle handle, PTimeStamp expiry)
      : service_handle_(service), handle_(handle), expiry_(expiry) {
    if (user == nullptr)
      refusal_ = failed(SEC_E_INVALID_PARAMETER, "no user is named");
    else if (package == nullptr)
      refusal_ = failed(SEC_E_SECPKG_NOT_FOUND, "no package is named");
    if (refusal_ == SEC_E_OK) refusal_ = read(user, "the user's name", user_);
    if (refusal_ == SEC_E_OK) refusal_ = read(package, "the package's name", package_);
    if (refusal_ == SEC_E_OK && service_principal != nullptr)
      refusal_ = read(service_principal, "the service's name", service_principal_);
  }

  std::optional<SECURITY_STATUS> find() override {
    if (handle_ == nullptr) return failed(SEC_E_INVALID_HANDLE, "phCredential is NULL");
    service_ = find_credential(service_handle_);
    SecInvalidateHandle(handle_);
    write_time(0, expiry_);
    if (refusal_ != SEC_E_OK) return refusal_;
    if (service_handle_ != nullptr && !service_) return unknown_handle();
    if (service_) session_ = service_->session;
    return std::nullopt;
  }

  std::optional<SECURITY_STATUS> begin(const std::shared_ptr<Session>& session) override {
    asked_ = session;
    builder_.Clear();
    const auto package = builder_.CreateString(package_);
    const auto user = builder_.CreateString(user_);
    const auto principal = service_principal_.empty() ? 0 : builder_.CreateString(service_principal_);
    return ask({.opcode = proto::Opcode::AcquireCredentialsForUser,
                .table = builder_.finish(proto::CreateAcquireCredentialsForUserRequest(
                    builder_, package, user, service_ ? &service_->id : nullptr, principal))});
  }

  SECURITY_STATUS finish(Answer& answer) override {
    const proto::AcquireCredentialsForUserReply* reply = nullptr;
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
  template <class Char>
  static SECURITY_STATUS read(const Char* from, const char* what, std::string& text) {
    auto utf8 = to_utf8(from);
    if (!utf8 || utf8->size() > proto::kMaxName)
      return failed(SEC_E_INVALID_PARAMETER, std::string(what) + " is too long or not well-formed text");
    text = std::move(*utf8);
    return SEC_E_OK;
  }

  const PCredHandle service_handle_;
  const PCredHandle handle_;
  const PTimeStamp expiry_;
  std::string user_, package_, service_principal_;
  SECURITY_STATUS refusal_ = SEC_E_OK;
  std::shared_ptr<Credential> service_;
  std::shared_ptr<Session> asked_;
  TableBuilder builder_;
};

}  // namespace

}  // namespace sspi

SECURITY_STATUS SspiAcquireCredentialsForUserW(SEC_WCHAR* pszUserName, SEC_WCHAR* pszPackage,
                                               PCredHandle phServiceCredential, SEC_WCHAR* pszServicePrincipal,
                                               PCredHandle phCredential, PTimeStamp ptsExpiry) {
  return sspi::run<sspi::AcquireForUser>(pszUserName, pszPackage, phServiceCredential, pszServicePrincipal,
                                         phCredential, ptsExpiry);
}

SECURITY_STATUS SspiAcquireCredentialsForUserA(SEC_CHAR* pszUserName, SEC_CHAR* pszPackage,
                                               PCredHandle phServiceCredential, SEC_CHAR* pszServicePrincipal,
                                               PCredHandle phCredential, PTimeStamp ptsExpiry) {
  return sspi::run<sspi::AcquireForUser>(pszUserName, pszPackage, phServiceCredential, pszServicePrincipal,
                                         phCredential, ptsExpiry);
}
