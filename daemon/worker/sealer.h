// Protects the messages of one established context. Two engines stand behind it: GSS-API itself, which knows every
// mechanism and layout, and seal/, which makes the same RFC 4121 tokens on OpenSSL several times faster. Which one it
// is shows in nothing but speed.
//
// Not thread-safe: the caller holds the context's lock.
#pragma once

#include <memory>
#include <span>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/message.h"

namespace sspid::worker {

class Sealer {
 public:
  virtual ~Sealer() = default;

  /// A signature into `token.token`.
  [[nodiscard]] virtual gss::MessageStatus sign(std::span<const std::byte> message, gss::Sealed& token) = 0;
  [[nodiscard]] virtual gss::MessageStatus verify(std::span<const std::byte> message,
                                                  std::span<const std::byte> token) = 0;

  // As in gss/message.h.
  [[nodiscard]] virtual gss::MessageStatus sealed_lengths(bool encrypt, std::span<const gss::Part> parts,
                                                          std::size_t& token, std::size_t& padding) = 0;
  [[nodiscard]] virtual gss::MessageStatus seal(bool encrypt, std::span<const gss::Part> parts,
                                                gss::Sealed& sealed) = 0;
  [[nodiscard]] virtual gss::MessageStatus open_split(std::span<std::byte> token, std::span<const gss::Part> parts,
                                                      std::span<std::byte> padding, bool& encrypted) = 0;
  [[nodiscard]] virtual gss::MessageStatus open_stream(std::span<std::byte> token, std::span<std::byte>& plaintext,
                                                       bool& encrypted) = 0;

  /// Another engine in the same state, for a copy of the context. Where GSS-API is the engine its context `own` is
  /// copied into `copied`; an engine of ours has none left. On failure both are as gss::duplicate says.
  [[nodiscard]] virtual gss::MessageStatus copy(gss::Context& own, gss::Context& copied,
                                                std::unique_ptr<Sealer>& sealer) = 0;
  /// Whether a split message may come with a TOKEN of this length (E-108).
  [[nodiscard]] virtual bool takes_token_of(std::size_t) const { return true; }
};

/// The fastest engine that can serve the context. Where it is not GSS-API, the GSS context is used up and `context` is
/// empty: whatever is to be asked of it must have been asked before.
[[nodiscard]] std::unique_ptr<Sealer> make_sealer(gss::Context& context, OM_uint32 gss_flags);

}  // namespace sspid::worker
