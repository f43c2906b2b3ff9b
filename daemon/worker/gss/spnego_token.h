// What a token of SPNEGO (RFC 4178) carries: the mechanisms it names and the inner token, found without decoding more
// than that. MIT's SPNEGO decodes and acts on the token afterwards; this tells which credential to give it, and lets
// the inner token be looked at first.
//
// Pure; the bytes come from the network.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace sspid::worker::gss {

struct SpnegoToken {
  using Bytes = std::span<const std::byte>;

  bool initial = false;           ///< NegTokenInit or NegTokenInit2; else NegTokenResp
  std::vector<Bytes> mechanisms;  ///< object identifiers' contents: the offer in its order, or the acceptor's choice
  Bytes inner;                    ///< mechToken or responseToken; empty: none
  bool has_mic = false;           ///< mechListMIC
};

/// All views lie in `token`. Nothing where it is no SPNEGO token, or a malformed one.
[[nodiscard]] std::optional<SpnegoToken> read_spnego(std::span<const std::byte> token);

}  // namespace sspid::worker::gss
