#include "client-lib/async_call.h"
#include "client-lib/impersonation.h"

namespace sspi {

namespace {

class DeleteContext final : public Call {
 public:
  explicit DeleteContext(PCtxtHandle handle) : handle_(handle) {}

  std::optional<SECURITY_STATUS> find() override {
    if (handle_ != nullptr && is_marked_deleted(*handle_)) return SEC_E_OK;  // E-132
    return find_context_of(handle_);
  }

  // The context goes at once. An asynchronous call that has it ends as the daemon says; who waits for it is told then.
  [[nodiscard]] bool needs_turn() const override { return false; }

  std::optional<SECURITY_STATUS> begin(const std::shared_ptr<Session>&) override {
    if (!retire(*context_)) return unknown_handle();
    context_->deleted = true;
    if (const auto kept = kept_by_threads(*context_)) return leave_to(*kept);
    constexpr auto kOpcode = proto::Opcode::DeleteSecurityContext;
    return ask({.opcode = kOpcode, .table = encode_deletion(builder_, kOpcode, context_->id)});
  }

  SECURITY_STATUS finish(Answer&) override {
    mark_deleted(*handle_);
    return SEC_E_OK;
  }

  // Deleted is deleted: its handle names nothing any more.
  void cancelled() override {
    if (context_ && context_->deleted) session_->discard(proto::Opcode::DeleteSecurityContext, context_->id);
  }

 private:
  // Threads act for the context's client: the last of them deletes what the daemon has.
  SECURITY_STATUS leave_to(Unclaimed& kept) {
    kept = {context_->session, proto::Opcode::DeleteSecurityContext, context_->id};
    if (context_->session->has_ended()) return unknown_handle();
    mark_deleted(*handle_);
    return SEC_E_OK;
  }

  const PCtxtHandle handle_;
  TableBuilder builder_;
};

}  // namespace

}  // namespace sspi

SECURITY_STATUS DeleteSecurityContext(PCtxtHandle phContext) { return sspi::run<sspi::DeleteContext>(phContext); }

SECURITY_STATUS SspiDeleteSecurityContextAsync(SspiAsyncContext* AsyncContext, PCtxtHandle phContext) {
  return sspi::start<sspi::DeleteContext>(AsyncContext, phContext);
}
