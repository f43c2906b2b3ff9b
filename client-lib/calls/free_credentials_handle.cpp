#include "client-lib/async_call.h"

namespace sspi {

namespace {

class FreeCredential final : public Call {
 public:
  explicit FreeCredential(PCredHandle handle) : handle_(handle) {}

  std::optional<SECURITY_STATUS> find() override {
    credential_ = find_credential(handle_);
    if (!credential_ || !retire(*credential_)) return unknown_handle();
    session_ = credential_->session;
    return std::nullopt;
  }

  std::optional<SECURITY_STATUS> begin(const std::shared_ptr<Session>&) override {
    constexpr auto kOpcode = proto::Opcode::FreeCredentialsHandle;
    return ask({.opcode = kOpcode, .table = encode_deletion(builder_, kOpcode, credential_->id)});
  }

  SECURITY_STATUS finish(Answer&) override {
    mark_deleted(*handle_);
    return SEC_E_OK;
  }

  // Freed is freed: its handle names nothing any more.
  void cancelled() override {
    if (session_) session_->discard(proto::Opcode::FreeCredentialsHandle, credential_->id);
  }

 private:
  const PCredHandle handle_;
  std::shared_ptr<Credential> credential_;
  TableBuilder builder_;
};

}  // namespace

}  // namespace sspi

SECURITY_STATUS FreeCredentialsHandle(PCredHandle phCredential) {
  return sspi::run<sspi::FreeCredential>(phCredential);
}

SECURITY_STATUS SspiFreeCredentialsHandleAsync(SspiAsyncContext* AsyncContext, PCredHandle phCredential) {
  return sspi::start<sspi::FreeCredential>(AsyncContext, phCredential);
}
