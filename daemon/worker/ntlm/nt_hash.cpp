#include "daemon/worker/ntlm/nt_hash.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

namespace sspid::worker::ntlm {

namespace {

/// RFC 1320, for messages that lie in memory as a whole. OpenSSL 3 has MD4 in its legacy provider only, a plug-in that
/// need not be installed.
class Md4 {
 public:
  static constexpr std::size_t kBlock = 64;
  using Digest = std::array<std::byte, 16>;

  ~Md4() { OPENSSL_cleanse(this, sizeof *this); }

  /// `message` is a multiple of the block long: padded.
  Digest digest(const std::vector<std::byte>& message) {
    for (std::size_t at = 0; at < message.size(); at += kBlock) mix(message.data() + at);
    Digest digest;
    for (std::size_t i = 0; i < digest.size(); ++i)
      digest[i] = static_cast<std::byte>((state_[i / 4] >> (8 * (i % 4))) & 0xFF);
    return digest;
  }

 private:
  struct Round {
    std::uint32_t (*function)(std::uint32_t, std::uint32_t, std::uint32_t);
    std::uint32_t constant;
    std::array<int, 4> shifts;
    std::array<std::size_t, 16> order;  // of the block's words
  };
  static const Round kRounds[3];

  void mix(const std::byte* block) {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      words_[i] = 0;
      for (std::size_t k = 0; k < 4; ++k)
        words_[i] |= std::to_integer<std::uint32_t>(block[4 * i + k]) << (8 * static_cast<unsigned>(k));
    }
    const std::array<std::uint32_t, 4> before = state_;
    for (const Round& round : kRounds)
      for (std::size_t step = 0; step < 16; ++step) {
        // The four registers take turns: a, d, c, b.
        const std::size_t turn = (16 - step) % 4;
        std::uint32_t& a = state_[turn];
        const std::uint32_t mixed =
            round.function(state_[(turn + 1) % 4], state_[(turn + 2) % 4], state_[(turn + 3) % 4]);
        a = std::rotl(a + mixed + words_[round.order[step]] + round.constant, round.shifts[step % 4]);
      }
    for (std::size_t i = 0; i < 4; ++i) state_[i] += before[i];
  }

  std::array<std::uint32_t, 4> state_{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  std::array<std::uint32_t, 16> words_{};
};

const Md4::Round Md4::kRounds[3] = {
    {[](std::uint32_t x, std::uint32_t y, std::uint32_t z) { return (x & y) | (~x & z); },
     0,
     {3, 7, 11, 19},
     {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
    {[](std::uint32_t x, std::uint32_t y, std::uint32_t z) { return (x & y) | (x & z) | (y & z); },
     0x5A827999,
     {3, 5, 9, 13},
     {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15}},
    {[](std::uint32_t x, std::uint32_t y, std::uint32_t z) { return x ^ y ^ z; },
     0x6ED9EBA1,
     {3, 9, 11, 15},
     {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15}},
};

/// Bytes that are wiped when they go.
struct Wiped : std::vector<std::byte> {
  ~Wiped() { OPENSSL_cleanse(data(), size()); }
};

void add_unit(std::vector<std::byte>& to, char32_t unit) {
  to.push_back(static_cast<std::byte>(unit & 0xFF));
  to.push_back(static_cast<std::byte>(unit >> 8));
}

/// False where `text` is no UTF-8.
bool to_utf16(std::string_view text, std::vector<std::byte>& utf16) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || i + length > text.size()) return false;
    char32_t code = length == 1 ? lead : lead & (0x7Fu >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      code = (code << 6) | (next & 0x3Fu);
    }
    if (code < 0x10000) {
      add_unit(utf16, code);
    } else {
      add_unit(utf16, 0xD800 + ((code - 0x10000) >> 10));
      add_unit(utf16, 0xDC00 + ((code - 0x10000) & 0x3FF));
    }
    i += length;
  }
  return true;
}

void pad(std::vector<std::byte>& message) {
  const std::uint64_t bits = 8 * std::uint64_t{message.size()};
  message.push_back(std::byte{0x80});
  while (message.size() % Md4::kBlock != Md4::kBlock - 8) message.push_back(std::byte{0});
  for (unsigned shift = 0; shift < 64; shift += 8) message.push_back(static_cast<std::byte>((bits >> shift) & 0xFF));
}

}  // namespace

std::optional<Secret> nt_hash(std::string_view password) {
  Wiped message;
  // So that the vector never moves and leaves a copy behind.
  message.reserve(2 * password.size() + 2 * Md4::kBlock);
  if (!to_utf16(password, message)) return std::nullopt;
  pad(message);
  Md4::Digest digest = Md4().digest(message);
  std::array<std::byte, 2 * std::tuple_size_v<Md4::Digest>> digits;
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digits[2 * i] = static_cast<std::byte>(kDigits[std::to_integer<std::size_t>(digest[i] >> 4)]);
    digits[2 * i + 1] = static_cast<std::byte>(kDigits[std::to_integer<std::size_t>(digest[i] & std::byte{15})]);
  }
  Secret hash{std::span<const std::byte>(digits)};
  OPENSSL_cleanse(digest.data(), digest.size());
  OPENSSL_cleanse(digits.data(), digits.size());
  return hash;
}

}  // namespace sspid::worker::ntlm
