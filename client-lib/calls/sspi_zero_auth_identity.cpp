#include <string.h>

#include "client-lib/auth_identity.h"
#include "client-lib/c_boundary.h"

// A structure with pointers is left alone: what they point to may be constants of the program.
void SspiZeroAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData) {
  if (AuthData == nullptr) return;
  if (const std::size_t size = sspi::context_buffer_size(AuthData); size != 0) return explicit_bzero(AuthData, size);
  const auto block = sspi::opaque_block(AuthData);
  if (!block.empty()) explicit_bzero(AuthData, block.size());
}
