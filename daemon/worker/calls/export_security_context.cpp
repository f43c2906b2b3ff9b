#include "daemon/worker/calls/calls.h"
#include "daemon/worker/exports.h"

namespace sspid::worker::calls {

namespace {

constexpr std::uint32_t kKnownFlags =
    SECPKG_CONTEXT_EXPORT_RESET_NEW | SECPKG_CONTEXT_EXPORT_DELETE_OLD | SECPKG_CONTEXT_EXPORT_TO_KERNEL;

Outcome check_flags(const Context& context, std::uint32_t flags) {
  if (flags & ~kKnownFlags) return {SEC_E_INVALID_PARAMETER, "there is no such flag"};
  if (flags & SECPKG_CONTEXT_EXPORT_TO_KERNEL)
    return {SEC_E_UNSUPPORTED_FUNCTION, "the kernel takes no security contexts"};  // E-164
  // GSS-API cannot set a context's counters back; where they stand at their start there is nothing to be done.
  if ((flags & SECPKG_CONTEXT_EXPORT_RESET_NEW) && context.has_met_messages())
    return {SEC_E_UNSUPPORTED_FUNCTION, "the context has protected messages and cannot be reset"};
  return {};
}

}  // namespace

Outcome export_security_context(Caller& caller, const proto::ExportSecurityContextRequest& in,
                                Reply<proto::ExportSecurityContextReplyT>& out) {
  LockedContext context;
  Outcome found = context.find(caller, in.context());
  if (found.status != SEC_E_OK) return found;
  if (context->stage != Stage::established) return {SEC_E_INVALID_HANDLE, "the context is not complete"};  // E-160
  if (Outcome checked = check_flags(*context, in.flags()); !checked.ok()) return checked;

  const bool moves = (in.flags() & SECPKG_CONTEXT_EXPORT_DELETE_OLD) != 0;
  std::shared_ptr<Context> exported = context.shared();
  if (!moves)
    if (Outcome copied = context->copy(exported); !copied.ok()) return copied;
  const std::optional<Claim> claim = caller.worker.exports->add(std::move(exported), Exports::Clock::now());
  if (!claim) return {SEC_E_INSUFFICIENT_MEMORY, "too many exported contexts are waiting to be imported"};
  if (moves && !caller.session.contexts.remove(in.context())) {  // another process of the session was faster
    caller.worker.exports->withdraw(*claim);
    return {SEC_E_INVALID_HANDLE, "no such security context"};
  }
  out.payload.key = pack(*claim);
  out.payload.add(std::as_bytes(std::span(out.payload.key.view())));
  return {};
}

}  // namespace sspid::worker::calls
