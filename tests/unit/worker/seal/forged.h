// Tokens such as RFC 4121 allows and libgssapi does not make, put together from the context's keys with libkrb5's own
// cryptography: filler behind the plaintext, the initiator's key where the acceptor has a subkey.
#pragma once

#include <cstdint>

#include "messages.h"

namespace sspid::test {

struct Forgery {
  Protection protection = Protection::sealed;
  bool with_acceptor_subkey = true;
  std::uint8_t more_flags = 0;
  std::uint16_t filler = 0;         ///< bytes, told in EC
  bool tell_filler_in_copy = true;  ///< as RFC 4121 wants it
  std::uint64_t skip = 0;           ///< sequence numbers
};

/// A stream token as the peer of `receiver` would make it next, if it had sent nothing yet. Not rotated.
[[nodiscard]] Message forge(gss_ctx_id_t receiver, const Octets& plaintext, const Forgery& forgery);

}  // namespace sspid::test
