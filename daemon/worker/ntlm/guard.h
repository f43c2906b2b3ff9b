// Stands before gss-ntlmssp in an exchange that may be NTLM's, raw or inside SPNEGO: each token of the peer is looked
// at first, and what the messages need to know of the exchange is remembered.
//
// One thread at a time: the context's lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "daemon/worker/outcome.h"

namespace sspid::worker::ntlm {

class Guard {
 public:
  enum class Side { initiator, acceptor };
  explicit Guard(Side side) : side_(side) {}

  /// A token of the peer, before GSS-API gets it. SEC_E_INVALID_TOKEN for malformed ones, SEC_E_UNSUPPORTED_FUNCTION
  /// for protections that only the oldest peers want.
  Outcome admit(std::span<const std::byte> token);

  /// A token of our own, for the peer.
  void note(std::span<const std::byte> token);

  /// Whether NTLM is what the exchange goes on with.
  [[nodiscard]] bool is_ntlm() const { return is_ntlm_; }

  /// Of an initiator: that the server may know who it is and no more. gss-ntlmssp sends it and does not read it.
  [[nodiscard]] bool peer_wants_identification() const { return identify_; }

  /// The sequence number of the peer's first message: NTLM counts the checksums over SPNEGO's offer, too.
  [[nodiscard]] std::uint32_t first_sequence() const { return checksums_; }

 private:
  Outcome admit_message(std::span<const std::byte> message);

  Side side_;
  bool is_ntlm_ = false;
  bool identify_ = false;
  std::uint32_t agreed_ = 0;  // flags of the CHALLENGE
  std::uint32_t checksums_ = 0;
};

}  // namespace sspid::worker::ntlm
