#include "client-lib/context_buffers.h"
#include "sspi.h"

// What the library did not hand out is left alone: no status could tell of it.
void SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData) { (void)sspi::free_context_buffer(AuthData); }
