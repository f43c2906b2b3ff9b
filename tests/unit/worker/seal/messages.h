// Messages as they travel, and both engines behind one shape: what one does with a message, the other is to do as well.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <gssapi/gssapi.h>

#include "contexts.h"

namespace sspid::test {

enum class Layout { split, stream, mic };

/// A part of a message; `sign_only` as READONLY_WITH_CHECKSUM.
struct Piece {
  Octets bytes;
  bool sign_only = false;
  friend bool operator==(const Piece&, const Piece&) = default;
};

/// `token` is the whole wrap token in stream layout, which has no parts; in mic layout the parts are the message.
struct Message {
  Layout layout = Layout::split;
  Octets token;
  std::vector<Piece> pieces;

  [[nodiscard]] std::size_t size() const;
  /// Any byte of it, the token's first.
  [[nodiscard]] std::byte& at(std::size_t index);
};

struct Opened {
  worker::gss::MessageStatus status;
  bool encrypted = false;
  std::vector<Piece> pieces;  ///< as they were after opening; stream: the plaintext
  [[nodiscard]] bool complete() const { return status.major == GSS_S_COMPLETE; }
};

/// Both give the engine heap blocks of just the size.
[[nodiscard]] Opened open(worker::seal::Cfx& engine, const Message& message);
[[nodiscard]] Opened open(gss_ctx_id_t context, const Message& message);

enum class Protection { sealed, signed_only };

/// In the split layout; `pieces` come back as they were changed. Fails the test when sealing fails.
[[nodiscard]] Message seal(worker::seal::Cfx& engine, Protection protection, const std::vector<Piece>& pieces);
[[nodiscard]] Message seal(gss_ctx_id_t context, Protection protection, const std::vector<Piece>& pieces);

[[nodiscard]] Message sign(worker::seal::Cfx& engine, const Octets& message);
[[nodiscard]] Message sign(gss_ctx_id_t context, const Octets& message);

/// As plain gss_wrap makes it: one piece, not rotated.
[[nodiscard]] Message wrap(gss_ctx_id_t context, Protection protection, const Octets& message);

/// The wire token of a message without pieces that are only signed.
[[nodiscard]] Message as_stream(const Message& split);
/// A stream token rotated right by `count` more bytes, which its header tells.
[[nodiscard]] Message rotated(Message stream, std::size_t count);

/// What the plaintext of `pieces` is in one piece.
[[nodiscard]] Octets joined(const std::vector<Piece>& pieces);

/// "BAD_SIG minor 0", for failures of comparisons.
[[nodiscard]] std::string describe(const worker::gss::MessageStatus& status);

}  // namespace sspid::test
