#include "daemon/worker/seal/cfx.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <krb5/krb5.h>

#include "daemon/worker/seal/confounder.h"

namespace sspid::worker::seal {

namespace {

// Minor codes of MIT's generic GSS error table, which no public header has.
constexpr auto kBadTokenHeader = static_cast<OM_uint32>(-2045022964);
constexpr auto kBadDirection = static_cast<OM_uint32>(-2045022963);

constexpr gss::MessageStatus kOpensslFailed{GSS_S_FAILURE, ENOMEM};
constexpr gss::MessageStatus kDefective{GSS_S_DEFECTIVE_TOKEN, 0};
constexpr gss::MessageStatus kNoToken{GSS_S_DEFECTIVE_TOKEN, kBadTokenHeader};

gss::MessageStatus altered(krb5_error_code minor) { return {GSS_S_BAD_SIG, static_cast<OM_uint32>(minor)}; }

gss::MessageStatus status_of(Mac::Match match, krb5_error_code different) {
  switch (match) {
    case Mac::Match::equal:
      return {};
    case Mac::Match::different:
      return altered(different);
    case Mac::Match::failed:
      break;
  }
  return kOpensslFailed;
}

void put(const Header& header, std::span<std::byte> into) {
  const auto bytes = header.bytes();
  std::copy(bytes.begin(), bytes.end(), into.begin());
}

/// The encrypted copy of the header tells which header the message was sealed with; RRC is set after sealing (4.2.4).
bool same_but_rotation(Header copy, const Header& header) {
  copy.right_rotation_count = header.right_rotation_count;
  return copy.bytes() == header.bytes();
}

/// Any kind of RFC 4121 token. The kind that is wanted is judged later, as libgssapi does.
bool has_token_id(std::span<const std::byte> token) {
  if (token.size() < 2) return false;
  Header header;
  header.id =
      static_cast<std::uint16_t>((std::to_integer<unsigned>(token[0]) << 8) | std::to_integer<unsigned>(token[1]));
  return header.is(TokenId::wrap) || header.is(TokenId::mic) || header.is(TokenId::deletion);
}

/// What is wrong with a token before its header can be looked at.
gss::MessageStatus judge_form(std::span<const std::byte> token) {
  if (!has_token_id(token)) return kNoToken;
  return token.size() < kHeader ? kDefective : gss::MessageStatus{};
}

}  // namespace

/// The pieces of a wrap token in the order in which they were sealed, wherever they lie.
struct Cfx::Received {
  std::span<std::byte> confounder;  ///< encrypted messages only
  std::span<const gss::Part> parts;
  std::span<std::byte> padding;
  std::span<std::byte> ending;  ///< encrypted messages only: filler (EC) and the header's copy
  std::span<const std::byte> checksum;
};

Cfx::Cfx(const Cfx& other)
    : role_(other.role_),
      context_key_(other.context_key_.profile(), other.context_key_.bytes()),
      send_sequence_(other.send_sequence_),
      window_(other.window_) {
  if (other.acceptor_subkey_)
    acceptor_subkey_.emplace(other.acceptor_subkey_->profile(), other.acceptor_subkey_->bytes());
}

std::unique_ptr<Cfx> Cfx::copy() const { return std::unique_ptr<Cfx>(new Cfx(*this)); }

// Keys and headers

ContextKey& Cfx::receiving_key(const Header& header) {
  // The initiator may have sealed before it learned of the acceptor's subkey; the flag tells (4.2.2).
  return acceptor_subkey_ && (header.flags & Header::kAcceptorSubkey) != 0 ? *acceptor_subkey_ : context_key_;
}

Header Cfx::next_header(TokenId id) const {
  Header header;
  header.id = static_cast<std::uint16_t>(id);
  if (!initiates()) header.flags |= Header::kSentByAcceptor;
  if (acceptor_subkey_) header.flags |= Header::kAcceptorSubkey;
  if (id == TokenId::mic) header.extra_count = header.right_rotation_count = kMicFiller;
  header.sequence = send_sequence_;
  return header;
}

void Cfx::drop_objects() {
  context_key_.drop_objects();
  if (acceptor_subkey_) acceptor_subkey_->drop_objects();
}

// MIC tokens

std::size_t Cfx::signature_length() const { return kHeader + sending_key().profile().mac_length; }

bool Cfx::make_mic(Usage usage, const Header& header, std::span<const std::byte> message, std::span<std::byte> token) {
  Mac* mac = sending_key().checksum(usage);
  if (!mac) return false;
  put(header, token);
  mac->start();
  mac->add(message);
  mac->add(token.first(kHeader));
  return mac->finish(token.subspan(kHeader));
}

gss::MessageStatus Cfx::sign(std::span<const std::byte> message, gss::Sealed& token) {
  token.token_length = signature_length();
  if (!make_mic(own_sign(), next_header(TokenId::mic), message, std::span(token.token).first(token.token_length)))
    return kOpensslFailed;
  ++send_sequence_;
  return {};
}

gss::MessageStatus Cfx::verify(std::span<const std::byte> message, std::span<const std::byte> token) {
  if (const gss::MessageStatus form = judge_form(token); form.major != GSS_S_COMPLETE) return form;
  const auto bytes = token.first<kHeader>();
  const Header header = Header::read(bytes);
  if (const gss::MessageStatus fault = judge(header, TokenId::mic); fault.major != GSS_S_COMPLETE) return fault;
  if (header.extra_count != kMicFiller || header.right_rotation_count != kMicFiller) return kDefective;

  ContextKey& key = receiving_key(header);
  if (token.size() != kHeader + key.profile().mac_length) return altered(KRB5_BAD_MSIZE);
  Mac* mac = key.checksum(peer_sign());
  if (!mac) return kOpensslFailed;
  mac->start();
  mac->add(message);
  mac->add(bytes);
  const gss::MessageStatus status = status_of(mac->matches(token.subspan(kHeader)), 0);
  return status.major != GSS_S_COMPLETE ? status : gss::MessageStatus{window_.accept(header.sequence), 0};
}

// Wrap tokens, made

void Cfx::sealed_lengths(bool encrypt, std::size_t& token, std::size_t& padding) const {
  token = kHeader + (encrypt ? kHeader + kBlock : 0) + sending_key().profile().mac_length;
  padding = 0;
}

gss::MessageStatus Cfx::seal(bool encrypt, std::span<const gss::Part> parts, gss::Sealed& sealed) {
  // Where there is nothing to encrypt libgssapi only signs; to one who asked for encryption that is a refusal.
  if (encrypt && std::all_of(parts.begin(), parts.end(), [](const gss::Part& part) { return part.sign_only; }))
    return {GSS_S_BAD_QOP, 0};
  sealed_lengths(encrypt, sealed.token_length, sealed.padding_length);
  const gss::MessageStatus status = encrypt ? seal_encrypted(parts, sealed) : seal_signed(parts, sealed);
  if (status.major == GSS_S_COMPLETE) ++send_sequence_;
  return status;
}

// Without a trailer, all that stands behind the message is rotated before it: header | copy | checksum | confounder.
gss::MessageStatus Cfx::seal_encrypted(std::span<const gss::Part> parts, gss::Sealed& sealed) {
  Sealer* sealer = sending_key().sealer(own_seal(), Way::encrypt);
  if (!sealer) return kOpensslFailed;
  const std::size_t mac_length = sending_key().profile().mac_length;
  const std::span<std::byte> token = std::span(sealed.token).first(sealed.token_length);
  const std::span<std::byte> copy = token.subspan(kHeader, kHeader);
  const std::span<std::byte> checksum = token.subspan(2 * kHeader, mac_length);
  const std::span<std::byte, kBlock> confounder = token.last<kBlock>();

  Header header = next_header(TokenId::wrap);
  header.flags |= Header::kSealed;
  put(header, copy);
  if (!draw_confounder(confounder)) return kOpensslFailed;
  body_.assign({{confounder}});
  body_.insert(body_.end(), parts.begin(), parts.end());
  body_.push_back({copy});
  if (!sealer->seal(body_, checksum)) return kOpensslFailed;

  header.right_rotation_count = static_cast<std::uint16_t>(kHeader + mac_length);
  put(header, token);
  return {};
}

gss::MessageStatus Cfx::seal_signed(std::span<const gss::Part> parts, gss::Sealed& sealed) {
  Mac* mac = sending_key().checksum(own_seal());
  if (!mac) return kOpensslFailed;
  const std::span<std::byte> token = std::span(sealed.token).first(sealed.token_length);
  Header header = next_header(TokenId::wrap);
  mac->start();
  mac->add(parts);
  mac->add(header.bytes());
  if (!mac->finish(token.subspan(kHeader))) return kOpensslFailed;

  header.extra_count = header.right_rotation_count = static_cast<std::uint16_t>(token.size() - kHeader);
  put(header, token);
  return {};
}

// Wrap tokens, opened

gss::MessageStatus Cfx::judge(const Header& header, TokenId expected) const {
  const bool by_acceptor = (header.flags & Header::kSentByAcceptor) != 0;
  if (by_acceptor != initiates()) return {GSS_S_BAD_SIG, kBadDirection};
  return header.is(expected) && header.filler == 0xFF ? gss::MessageStatus{} : kDefective;
}

gss::MessageStatus Cfx::open_split(std::span<std::byte> token, std::span<const gss::Part> parts,
                                   std::span<std::byte> padding, bool& encrypted) {
  if (const gss::MessageStatus form = judge_form(token); form.major != GSS_S_COMPLETE) return form;
  const Header header = Header::read(token.first<kHeader>());
  if (const gss::MessageStatus fault = judge(header, TokenId::wrap); fault.major != GSS_S_COMPLETE) return fault;
  encrypted = header.sealed();

  const std::size_t mac_length = receiving_key(header).profile().mac_length;
  const std::size_t ending = encrypted ? header.extra_count + kHeader : 0;
  const std::size_t confounder = encrypted ? kBlock : 0;
  if (header.right_rotation_count != ending + mac_length) return kDefective;
  if (!encrypted && header.extra_count != mac_length) return kDefective;
  if (token.size() != kHeader + ending + mac_length + confounder) return altered(KRB5_BAD_MSIZE);
  return open(header, {.confounder = token.last(confounder),
                       .parts = parts,
                       .padding = padding,
                       .ending = token.subspan(kHeader, ending),
                       .checksum = token.subspan(kHeader + ending, mac_length)});
}

gss::MessageStatus Cfx::open_stream(std::span<std::byte> token, std::span<std::byte>& plaintext, bool& encrypted) {
  if (const gss::MessageStatus form = judge_form(token); form.major != GSS_S_COMPLETE) return form;
  const Header header = Header::read(token.first<kHeader>());
  encrypted = header.sealed();

  std::span<std::byte> rest = token.subspan(kHeader);
  const std::size_t mac_length = receiving_key(header).profile().mac_length;
  const std::size_t ending = encrypted ? header.extra_count + kHeader : 0;
  const std::size_t trailer = ending + mac_length;
  const std::size_t confounder = encrypted ? kBlock : 0;
  if (rest.size() < confounder + trailer) return {GSS_S_DEFECTIVE_TOKEN, static_cast<OM_uint32>(KRB5_BAD_MSIZE)};
  if (const gss::MessageStatus fault = judge(header, TokenId::wrap); fault.major != GSS_S_COMPLETE) return fault;
  if (!encrypted && header.extra_count != mac_length) return kDefective;

  // What senders do in practice, no rotation or all of the trailer, is opened where it lies.
  const std::size_t rotation = header.right_rotation_count % rest.size();
  std::span<std::byte> behind = rest.last(trailer);
  if (rotation == trailer) {
    behind = rest.first(trailer);
    rest = rest.subspan(trailer);
  } else {
    std::rotate(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(rotation), rest.end());
    rest = rest.first(rest.size() - trailer);
  }
  const gss::Part data{rest.subspan(confounder)};
  const gss::MessageStatus status = open(header, {.confounder = rest.first(confounder),
                                                  .parts = std::span(&data, 1),
                                                  .padding = {},
                                                  .ending = behind.first(ending),
                                                  .checksum = behind.last(mac_length)});
  if (!GSS_ERROR(status.major)) plaintext = data.bytes;
  return status;
}

gss::MessageStatus Cfx::open(const Header& header, const Received& received) {
  const gss::MessageStatus status = header.sealed() ? open_encrypted(header, received) : open_signed(header, received);
  return status.major != GSS_S_COMPLETE ? status : gss::MessageStatus{window_.accept(header.sequence), 0};
}

gss::MessageStatus Cfx::open_encrypted(const Header& header, const Received& received) {
  Sealer* sealer = receiving_key(header).sealer(peer_seal(), Way::decrypt);
  if (!sealer) return kOpensslFailed;
  body_.assign({{received.confounder}});
  body_.insert(body_.end(), received.parts.begin(), received.parts.end());
  body_.push_back({received.padding});
  body_.push_back({received.ending});
  const gss::MessageStatus status = status_of(sealer->open(body_, received.checksum), KRB5KRB_AP_ERR_BAD_INTEGRITY);
  if (status.major != GSS_S_COMPLETE) return status;
  const Header copy = Header::read(std::span<const std::byte>(received.ending).last<kHeader>());
  return same_but_rotation(copy, header) ? gss::MessageStatus{} : kDefective;
}

gss::MessageStatus Cfx::open_signed(const Header& header, const Received& received) {
  Mac* mac = receiving_key(header).checksum(peer_seal());
  if (!mac) return kOpensslFailed;
  mac->start();
  mac->add(received.parts);
  mac->add(received.padding);
  mac->add(header.without_counts().bytes());
  return status_of(mac->matches(received.checksum), 0);
}

}  // namespace sspid::worker::seal
