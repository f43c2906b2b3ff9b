#include "messages.h"

#include <algorithm>
#include <list>

#include <gtest/gtest.h>

namespace sspid::test {

namespace {

namespace gss = worker::gss;
using worker::seal::Cfx;

/// The pieces in blocks of their own, as an engine takes them.
class Blocks {
 public:
  explicit Blocks(const std::vector<Piece>& pieces) {
    for (const Piece& piece : pieces) {
      blocks_.emplace_back(piece.bytes);
      parts_.push_back({blocks_.back().bytes(), piece.sign_only});
    }
  }
  [[nodiscard]] std::span<const gss::Part> parts() const { return parts_; }
  [[nodiscard]] std::vector<Piece> pieces() const {
    std::vector<Piece> pieces;
    for (const gss::Part& part : parts_) pieces.push_back({{part.bytes.begin(), part.bytes.end()}, part.sign_only});
    return pieces;
  }

 private:
  std::list<ExactBlock> blocks_;
  std::vector<gss::Part> parts_;
};

/// Runs one of the engines' functions of the same shape.
template <typename OpenSplit, typename OpenStream, typename Verify>
Opened open_with(const Message& message, OpenSplit open_split, OpenStream open_stream, Verify verify) {
  Opened opened;
  ExactBlock token(message.token);
  Blocks blocks(message.pieces);
  if (message.layout == Layout::stream) {
    std::span<std::byte> plaintext;
    opened.status = open_stream(token.bytes(), plaintext, opened.encrypted);
    opened.pieces.push_back({{plaintext.begin(), plaintext.end()}});
    return opened;
  }
  if (message.layout == Layout::mic)
    opened.status = verify(joined(message.pieces), token.bytes());
  else
    opened.status = open_split(token.bytes(), blocks.parts(), std::span<std::byte>{}, opened.encrypted);
  opened.pieces = blocks.pieces();
  return opened;
}

Octets token_of(const gss::Sealed& sealed) {
  return {sealed.token.begin(), sealed.token.begin() + static_cast<std::ptrdiff_t>(sealed.token_length)};
}

Octets octets_of(const gss::Buffer& buffer) { return {buffer.bytes().begin(), buffer.bytes().end()}; }

}  // namespace

std::size_t Message::size() const { return token.size() + joined(pieces).size(); }

std::byte& Message::at(std::size_t index) {
  if (index < token.size()) return token[index];
  index -= token.size();
  for (Piece& piece : pieces) {
    if (index < piece.bytes.size()) return piece.bytes[index];
    index -= piece.bytes.size();
  }
  throw std::out_of_range("no such byte in the message");
}

Opened open(Cfx& engine, const Message& message) {
  return open_with(
      message,
      [&](auto token, auto parts, auto padding, bool& encrypted) {
        return engine.open_split(token, parts, padding, encrypted);
      },
      [&](auto token, auto& plaintext, bool& encrypted) { return engine.open_stream(token, plaintext, encrypted); },
      [&](const Octets& signed_message, auto token) { return engine.verify(signed_message, token); });
}

Opened open(gss_ctx_id_t context, const Message& message) {
  return open_with(
      message,
      [&](auto token, auto parts, auto padding, bool& encrypted) {
        return gss::open_split(context, token, parts, padding, encrypted);
      },
      [&](auto token, auto& plaintext, bool& encrypted) {
        return gss::open_stream(context, token, plaintext, encrypted);
      },
      [&](const Octets& signed_message, std::span<std::byte> token) {
        gss::MessageStatus status;
        gss_buffer_desc in = gss::borrow(std::span<const std::byte>(signed_message));
        gss_buffer_desc mic = gss::borrow(std::span<const std::byte>(token));
        status.major = gss_verify_mic(&status.minor, context, &in, &mic, nullptr);
        return status;
      });
}

Message seal(Cfx& engine, Protection protection, const std::vector<Piece>& pieces) {
  const Blocks blocks(pieces);
  gss::Sealed sealed;
  EXPECT_EQ(engine.seal(protection == Protection::sealed, blocks.parts(), sealed).major, GSS_S_COMPLETE);
  return {Layout::split, token_of(sealed), blocks.pieces()};
}

Message seal(gss_ctx_id_t context, Protection protection, const std::vector<Piece>& pieces) {
  const bool encrypt = protection == Protection::sealed;
  const Blocks blocks(pieces);
  gss::Sealed sealed;
  EXPECT_EQ(gss::sealed_lengths(context, encrypt, blocks.parts(), sealed.token_length, sealed.padding_length).major,
            GSS_S_COMPLETE);
  EXPECT_EQ(gss::seal(context, encrypt, blocks.parts(), sealed).major, GSS_S_COMPLETE);
  return {Layout::split, token_of(sealed), blocks.pieces()};
}

Message sign(Cfx& engine, const Octets& message) {
  gss::Sealed token;
  EXPECT_EQ(engine.sign(message, token).major, GSS_S_COMPLETE);
  return {Layout::mic, token_of(token), {{message}}};
}

Message sign(gss_ctx_id_t context, const Octets& message) {
  OM_uint32 minor = 0;
  gss_buffer_desc in = gss::borrow(std::span<const std::byte>(message));
  gss::Buffer token;
  EXPECT_EQ(gss_get_mic(&minor, context, GSS_C_QOP_DEFAULT, &in, token.out()), GSS_S_COMPLETE);
  return {Layout::mic, octets_of(token), {{message}}};
}

Message wrap(gss_ctx_id_t context, Protection protection, const Octets& message) {
  OM_uint32 minor = 0;
  gss_buffer_desc in = gss::borrow(std::span<const std::byte>(message));
  gss::Buffer token;
  EXPECT_EQ(gss_wrap(&minor, context, protection == Protection::sealed, GSS_C_QOP_DEFAULT, &in, nullptr, token.out()),
            GSS_S_COMPLETE);
  return {Layout::stream, octets_of(token), {}};
}

Message as_stream(const Message& split) {
  Message stream{Layout::stream, split.token, {}};
  for (const Piece& piece : split.pieces)
    if (!piece.sign_only) stream.token.insert(stream.token.end(), piece.bytes.begin(), piece.bytes.end());
  return stream;
}

Message rotated(Message stream, std::size_t count) {
  const auto rest = stream.token.begin() + 16;
  const auto length = static_cast<std::size_t>(stream.token.end() - rest);
  std::rotate(rest, stream.token.end() - static_cast<std::ptrdiff_t>(count % length), stream.token.end());
  const std::size_t total =
      std::to_integer<std::size_t>(stream.token[6]) * 256 + std::to_integer<std::size_t>(stream.token[7]) + count;
  stream.token[6] = static_cast<std::byte>(total >> 8);
  stream.token[7] = static_cast<std::byte>(total);
  return stream;
}

Octets joined(const std::vector<Piece>& pieces) {
  Octets all;
  for (const Piece& piece : pieces) all.insert(all.end(), piece.bytes.begin(), piece.bytes.end());
  return all;
}

std::string describe(const gss::MessageStatus& status) {
  const auto minor = static_cast<int>(status.minor);
  return "major " + std::to_string(status.major >> 16) + " info " + std::to_string(status.major & 0xFFFF) + " minor " +
         std::to_string(minor);
}

}  // namespace sspid::test
