#include "daemon/worker/calls/calls.h"

namespace sspid::worker::calls {

// A call that is still at work on the context keeps it alive until it is done.
void delete_security_context(Caller& caller, const proto::DeleteSecurityContextRequest& in) {
  caller.session.contexts.remove(in.context());
}

}  // namespace sspid::worker::calls
