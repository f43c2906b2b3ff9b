#include "client-lib/auth_identity.h"

BOOLEAN SspiIsAuthIdentityEncrypted(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData) {
  if (EncryptedAuthData == nullptr) return 0;
  const auto block = sspi::opaque_block(EncryptedAuthData);
  const auto pieces = block.empty() ? std::nullopt : sspi::ex2_pieces(block);
  return pieces && pieces->is_encrypted() ? 1 : 0;
}
