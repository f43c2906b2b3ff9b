#include "daemon/worker/calls/calls.h"

namespace sspid::worker {

Outcome LockedContext::find(Caller& caller, const proto::Handle* handle) {
  context_ = caller.session.contexts.find(handle);
  if (!context_) return {SEC_E_INVALID_HANDLE, "no such security context"};
  lock_ = std::unique_lock(context_->mutex, std::defer_lock);
  if (caller.may_wait)
    lock_.lock();
  else if (!lock_.try_lock())
    return kMustWait;
  return {};
}

Outcome find_for_message(Caller& caller, const proto::Handle* handle, LockedContext& context) {
  Outcome found = context.find(caller, handle);
  if (found.status != SEC_E_OK) return found;
  return context->ready_for_messages();
}

}  // namespace sspid::worker
