// Protects the messages of an NTLM context through gss-ntlmssp 1.2.0, with what that leaves to its caller: it has no
// parts, reads 16 bytes of every signature whatever its length, and loses its RC4 state over a message that is out of
// sequence (spec, mapping 6.5).
#pragma once

#include <cstdint>

#include "daemon/worker/sealer.h"

namespace sspid::worker::ntlm {

class Sealer : public worker::Sealer {
 public:
  static constexpr std::size_t kSignature = 16;

  /// The context outlives it. `next` is the sequence number that the peer's next message has. Without `confidential`
  /// messages are signed only, on both sides.
  Sealer(gss_ctx_id_t context, std::uint32_t next, bool confidential)
      : context_(context), next_(next), confidential_(confidential) {}

  gss::MessageStatus sign(std::span<const std::byte> message, gss::Sealed& token) override;
  gss::MessageStatus verify(std::span<const std::byte> message, std::span<const std::byte> token) override;
  gss::MessageStatus sealed_lengths(bool encrypt, std::span<const gss::Part> parts, std::size_t& token,
                                    std::size_t& padding) override;
  gss::MessageStatus seal(bool encrypt, std::span<const gss::Part> parts, gss::Sealed& sealed) override;
  gss::MessageStatus open_split(std::span<std::byte> token, std::span<const gss::Part> parts,
                                std::span<std::byte> padding, bool& encrypted) override;
  gss::MessageStatus open_stream(std::span<std::byte> token, std::span<std::byte>& plaintext, bool& encrypted) override;
  gss::MessageStatus copy(gss::Context& own, gss::Context& copied, std::unique_ptr<worker::Sealer>& sealer) override;
  [[nodiscard]] bool takes_token_of(std::size_t length) const override { return length == kSignature; }

 private:
  [[nodiscard]] gss::MessageStatus check(std::span<const std::byte> message,
                                         std::span<const std::byte> signature) const;

  gss_ctx_id_t context_;
  std::uint32_t next_;
  bool confidential_;
};

}  // namespace sspid::worker::ntlm
