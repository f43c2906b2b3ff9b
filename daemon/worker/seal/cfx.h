// The second sealing engine: RFC 4121 tokens ("CFX") of the AES encryption types made and opened with OpenSSL, several
// times faster than libgssapi's portable code. What the gss engine (gss/message.h) does for every mechanism, this does
// for established Kerberos contexts, bare or chosen by SPNEGO, that are not in DCE style. Tokens, layouts, judgements
// and status codes are libgssapi's; where they are not, it is said below.
//
// A Cfx takes the place of the GSS context, whose keys and counters it has taken: the context is gone. Keys are wiped
// with the object. Not thread-safe: the caller holds the context's lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/message.h"
#include "daemon/worker/seal/context_key.h"
#include "daemon/worker/seal/header.h"
#include "daemon/worker/seal/window.h"

namespace sspid::worker::seal {

class Cfx {
 public:
  /// Takes an established context over: `context` is then empty. Null where it is not eligible, and `context` as good
  /// as before: another mechanism or encryption type, DCE style, a piece missing in OpenSSL, messages opened already.
  /// The caller has opened none; what this finds out by itself is whether SPNEGO has opened its one MIC. Messages that
  /// were sent do not matter. `gss_flags` are those that the context was established with.
  [[nodiscard]] static std::unique_ptr<Cfx> take_over(gss::Context& context, OM_uint32 gss_flags);

  /// Another one with the same keys, numbers and window, which go on apart.
  [[nodiscard]] std::unique_ptr<Cfx> copy() const;

  /// A MIC token for the message, into `token.token`.
  [[nodiscard]] gss::MessageStatus sign(std::span<const std::byte> message, gss::Sealed& token);
  [[nodiscard]] gss::MessageStatus verify(std::span<const std::byte> message, std::span<const std::byte> token);

  [[nodiscard]] std::size_t signature_length() const;
  /// How long token and padding will be; the parts do not matter.
  void sealed_lengths(bool encrypt, std::size_t& token, std::size_t& padding) const;

  /// Encrypts the parts in place, or only signs them; the token comes as gss_wrap_iov lays it out without a trailer:
  /// header, encrypted copy of it, checksum, confounder. Parts that are only signed stay as they are.
  [[nodiscard]] gss::MessageStatus seal(bool encrypt, std::span<const gss::Part> parts, gss::Sealed& sealed);

  /// Opens a message whose token was kept apart, as `seal` made it. On failure the parts may hold plaintext that is not
  /// to be trusted: the caller wipes them.
  [[nodiscard]] gss::MessageStatus open_split(std::span<std::byte> token, std::span<const gss::Part> parts,
                                              std::span<std::byte> padding, bool& encrypted);

  /// Opens a whole wrap token in place, rotated by any count; `plaintext` then lies inside it. It is set for late and
  /// repeated messages, too (libgssapi keeps it back): the status decides what becomes of it.
  [[nodiscard]] gss::MessageStatus open_stream(std::span<std::byte> token, std::span<std::byte>& plaintext,
                                               bool& encrypted);

  /// Gives OpenSSL's objects up (about 3 KB); the next message makes them again.
  void drop_objects();

 private:
  enum class Role { initiator, acceptor };
  struct Origin;
  struct Received;

  explicit Cfx(const Origin& origin);
  Cfx(const Cfx& other);
  /// Finds out how many messages `context`, which this one is to take the place of, has opened.
  [[nodiscard]] bool catch_up(gss_ctx_id_t context, const Origin& origin);
  [[nodiscard]] OM_uint32 offer_peer_mic(gss_ctx_id_t context, std::uint64_t number);

  [[nodiscard]] ContextKey& sending_key() { return acceptor_subkey_ ? *acceptor_subkey_ : context_key_; }
  [[nodiscard]] const ContextKey& sending_key() const { return acceptor_subkey_ ? *acceptor_subkey_ : context_key_; }
  [[nodiscard]] ContextKey& receiving_key(const Header& header);
  [[nodiscard]] Header next_header(TokenId id) const;

  [[nodiscard]] bool initiates() const { return role_ == Role::initiator; }
  [[nodiscard]] Usage own_seal() const { return initiates() ? Usage::initiator_seal : Usage::acceptor_seal; }
  [[nodiscard]] Usage own_sign() const { return initiates() ? Usage::initiator_sign : Usage::acceptor_sign; }
  [[nodiscard]] Usage peer_seal() const { return initiates() ? Usage::acceptor_seal : Usage::initiator_seal; }
  [[nodiscard]] Usage peer_sign() const { return initiates() ? Usage::acceptor_sign : Usage::initiator_sign; }

  [[nodiscard]] bool make_mic(Usage usage, const Header& header, std::span<const std::byte> message,
                              std::span<std::byte> token);
  [[nodiscard]] gss::MessageStatus seal_encrypted(std::span<const gss::Part> parts, gss::Sealed& sealed);
  [[nodiscard]] gss::MessageStatus seal_signed(std::span<const gss::Part> parts, gss::Sealed& sealed);

  [[nodiscard]] gss::MessageStatus judge(const Header& header, TokenId expected) const;
  [[nodiscard]] gss::MessageStatus open(const Header& header, const Received& received);
  [[nodiscard]] gss::MessageStatus open_encrypted(const Header& header, const Received& received);
  [[nodiscard]] gss::MessageStatus open_signed(const Header& header, const Received& received);

  const Role role_;
  ContextKey context_key_;                     ///< the initiator's subkey, or the ticket's session key
  std::optional<ContextKey> acceptor_subkey_;  ///< what both use once the acceptor has asserted it
  std::uint64_t send_sequence_;
  SequenceWindow window_;
  std::vector<gss::Part> body_;  ///< the pieces of the message at hand, kept for its memory
};

}  // namespace sspid::worker::seal
