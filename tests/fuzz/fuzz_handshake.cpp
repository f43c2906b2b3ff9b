// What looks at the tokens of an exchange before GSS-API does: NTLM's messages and SPNEGO's framing.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "daemon/worker/gss/spnego_token.h"
#include "daemon/worker/gss/token.h"
#include "daemon/worker/ntlm/guard.h"
#include "daemon/worker/ntlm/handshake.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  for (const std::uint32_t agreed : {0u, 0x40000001u, 0xFFFFFFFFu})
    static_cast<void>(sspid::worker::ntlm::read_message(bytes, agreed));
  static_cast<void>(sspid::worker::gss::kind_of_token(bytes));
  if (const auto token = sspid::worker::gss::read_spnego(bytes)) {
    // All views lie in the token.
    for (const auto& view : token->mechanisms)
      if (!view.empty() && (view.data() < bytes.data() || view.data() + view.size() > bytes.data() + bytes.size()))
        __builtin_trap();
  }
  using sspid::worker::ntlm::Guard;
  Guard acceptor(Guard::Side::acceptor), initiator(Guard::Side::initiator);
  // The input is two tokens, of which the first byte tells the first one's length.
  const std::size_t first = bytes.empty() ? 0 : std::min<std::size_t>(std::to_integer<std::size_t>(bytes[0]), size);
  static_cast<void>(acceptor.admit(bytes.first(first)));
  static_cast<void>(acceptor.admit(bytes.subspan(first)));
  static_cast<void>(initiator.admit(bytes));
  initiator.note(bytes);
  return 0;
}
