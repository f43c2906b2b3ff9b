#include "daemon/worker/calls/calls.h"

namespace sspid::worker::calls {

// Contexts made from the credential share it and go on (E-061).
void free_credentials_handle(Caller& caller, const proto::FreeCredentialsHandleRequest& in) {
  caller.session.credentials.remove(in.credential());
}

}  // namespace sspid::worker::calls
