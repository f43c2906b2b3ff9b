// Which client the calling thread acts for: from ImpersonateSecurityContext to RevertSecurityContext or the thread's
// end.
//
// Kept per thread; a forked child has the state of the thread that forked, as it has its fsuid. A thread that is
// created meanwhile inherits the ids from the kernel and nothing of the state here. A context that is deleted while a
// thread acts for its client stays in the daemon until that thread reverts.
#pragma once

#include <memory>
#include <optional>

#include "client-lib/handles.h"
#include "client-lib/local_account.h"

namespace sspi {

struct Impersonated {
  std::shared_ptr<Session> session;
  proto::Handle context;
};

/// What threads hold that act for the context's client; nothing where none does.
[[nodiscard]] std::shared_ptr<Unclaimed> kept_by_threads(Context& context);

/// The context whose client the calling thread acts for.
[[nodiscard]] std::optional<Impersonated> impersonated();

/// The calling thread acts for the client of `context`, which the caller has in use, and no longer for another one.
/// With an account it also meets files as that account; without one it keeps its own ids. SEC_E_NO_IMPERSONATION: the
/// program may not, nothing has changed.
[[nodiscard]] SECURITY_STATUS impersonate(Context& context, const LocalAccount* account);

/// Back to what the thread was. Nothing to do is a success.
[[nodiscard]] SECURITY_STATUS revert();

/// The process' own identity for what the library does on its own account, such as connecting to the daemon: the socket
/// may be closed to the client, and the daemon must not take the one for the other. Ends the process where the client's
/// identity cannot be taken up again, since the thread would go on with more rights than it thinks.
class AsProcess {
 public:
  AsProcess();
  ~AsProcess();
  AsProcess(const AsProcess&) = delete;
  AsProcess& operator=(const AsProcess&) = delete;

 private:
  bool switched_ = false;
};

}  // namespace sspi
