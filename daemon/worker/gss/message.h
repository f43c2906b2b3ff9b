// Signing, verifying, sealing and opening on an established GSS context, in the caller's memory and without copies
// where the mechanism allows it. All return the GSS status; mapping it to SECURITY_STATUS is the callers' (status.h).
//
// Not thread-safe per context: the caller holds the context's lock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gssapi/gssapi.h>

namespace sspid::worker::gss {

struct MessageStatus {
  OM_uint32 major = GSS_S_COMPLETE;
  OM_uint32 minor = 0;
};

/// A part of a message: sealed or opened in place, or only covered by the checksum.
struct Part {
  std::span<std::byte> bytes;
  bool sign_only = false;
};

/// Room for a token or padding; no mechanism of ours needs more.
inline constexpr std::size_t kTokenRoom = 256;

/// What sealing adds to a message.
struct Sealed {
  std::array<std::byte, kTokenRoom> token;
  std::size_t token_length = 0;
  std::array<std::byte, kTokenRoom> padding;
  std::size_t padding_length = 0;
};

/// A signature over the message, into `token.token`.
[[nodiscard]] MessageStatus sign(gss_ctx_id_t context, std::span<const std::byte> message, Sealed& token);
[[nodiscard]] MessageStatus verify(gss_ctx_id_t context, std::span<const std::byte> message,
                                   std::span<const std::byte> token);

/// How long token and padding will be for these parts; consumes nothing.
[[nodiscard]] MessageStatus sealed_lengths(gss_ctx_id_t context, bool encrypt, std::span<const Part> parts,
                                           std::size_t& token, std::size_t& padding);

/// Seals the parts in place (encrypt) or only signs them. `sealed` comes with the lengths that sealed_lengths told.
[[nodiscard]] MessageStatus seal(gss_ctx_id_t context, bool encrypt, std::span<const Part> parts, Sealed& sealed);

/// Opens a message whose token was kept apart from its parts, as `seal` made it.
[[nodiscard]] MessageStatus open_split(gss_ctx_id_t context, std::span<std::byte> token, std::span<const Part> parts,
                                       std::span<std::byte> padding, bool& encrypted);

/// Opens a whole wrap token in place; `plaintext` then lies inside it.
[[nodiscard]] MessageStatus open_stream(gss_ctx_id_t context, std::span<std::byte> token,
                                        std::span<std::byte>& plaintext, bool& encrypted);

/// Whether a message split after `token_length` bytes has the layout of gss_wrap_iov, so that open_split can take it; a
/// token made by plain gss_wrap (RRC 0) or by RFC 1964 mechanisms has not and must be opened as a stream.
[[nodiscard]] bool is_split_layout(std::span<const std::byte> token, bool dce_style);

}  // namespace sspid::worker::gss
