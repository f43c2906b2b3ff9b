#include "daemon/worker/ntlm/handshake.h"

#include <algorithm>
#include <string_view>

namespace sspid::worker::ntlm {

namespace {

using namespace std::string_view_literals;
using Bytes = std::span<const std::byte>;

constexpr std::string_view kSignature = "NTLMSSP\0"sv;

// Up to the payload, without the version that may stand there.
constexpr std::size_t kNegotiateSize = 32;
constexpr std::size_t kChallengeSize = 48;
constexpr std::size_t kAuthenticateSize = 64;
constexpr std::size_t kVersionAndMic = 8 + 16;  // read from every AUTHENTICATE, sent or not

std::uint32_t little_endian(Bytes bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = (value << 8) | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}
std::uint32_t u16(Bytes bytes, std::size_t at) { return little_endian(bytes, at, 2); }
std::uint32_t u32(Bytes bytes, std::size_t at) { return little_endian(bytes, at, 4); }

/// The payload that the length, maximum length and offset at `at` describe; nothing where it is not behind `header`.
std::optional<Bytes> field(Bytes message, std::size_t at, std::size_t header) {
  const std::size_t length = u16(message, at);
  const std::size_t offset = u32(message, at + 4);
  if (length == 0) return Bytes{};
  if (offset < header || offset > message.size() || length > message.size() - offset) return std::nullopt;
  return message.subspan(offset, length);
}

/// Text in UTF-16: whole units, surrogates in pairs, no NUL.
bool is_utf16(Bytes text) {
  if (text.size() % 2 != 0) return false;
  bool expects_low = false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::uint32_t unit = u16(text, i);
    const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (unit == 0 || low != expects_low) return false;
    expects_low = unit >= 0xD800 && unit <= 0xDBFF;
  }
  return !expects_low;
}

bool is_oem(Bytes text) {
  return std::none_of(text.begin(), text.end(), [](std::byte b) { return b == std::byte{0}; });
}

bool is_text(std::optional<Bytes> text, std::uint32_t flags) {
  return text && (flags & kUnicode ? is_utf16(*text) : is_oem(*text));
}

// [MS-NLMP] 2.2.2.1, AvId
constexpr std::uint32_t kEnd = 0;
constexpr std::uint32_t kFlags = 6;
constexpr std::uint32_t kTimestamp = 7;
constexpr std::uint32_t kTargetName = 9;
constexpr std::uint32_t kChannelBindings = 10;

constexpr bool is_name(std::uint32_t id) { return id < kFlags || id == kTargetName; }

/// Of the pairs that have one.
std::optional<std::size_t> fixed_size(std::uint32_t id) {
  if (id == kFlags) return 4;
  if (id == kTimestamp) return 8;
  if (id == kChannelBindings) return 16;
  return std::nullopt;
}

/// A list of AV pairs up to its end marker; what follows it is padding.
bool is_pair_list(Bytes list) {
  for (std::size_t at = 0; at + 4 <= list.size();) {
    const std::uint32_t id = u16(list, at);
    const std::size_t length = u16(list, at + 2);
    if (length > list.size() - at - 4) return false;
    if (id == kEnd) return length == 0;
    const auto fixed = fixed_size(id);
    if (fixed ? length != *fixed : is_name(id) && !is_utf16(list.subspan(at + 4, length))) return false;
    at += 4 + length;
  }
  return false;
}

/// NTLMSSP_TARGET_TYPE_DOMAIN and _SERVER: which of them the target's name is.
constexpr std::uint32_t kTargetTypes = 0x00030000;

bool is_challenge(Bytes message, std::uint32_t flags) {
  const auto target = field(message, 12, kChallengeSize);
  if (!is_text(target, flags)) return false;
  // A name that is announced and empty makes gss-ntlmssp write to no memory.
  if (target->empty() && (flags & kTargetTypes) != 0) return false;
  const auto info = field(message, 40, kChallengeSize);
  return info && (info->empty() ? (flags & kTargetInfo) == 0 : is_pair_list(*info));
}

/// NTLMv1's 24 bytes, or NTLMv2: a proof of 16 bytes, then the client's challenge with its pairs.
bool is_response(Bytes nt, Bytes lm) {
  constexpr std::size_t kV1 = 24;
  constexpr std::size_t kProof = 16;
  constexpr std::size_t kClientChallenge = 28;  // up to the pairs
  if (nt.size() == kV1) return lm.size() == kV1;
  if (nt.size() < kProof + kClientChallenge || !(lm.empty() || lm.size() == kV1)) return false;
  const Bytes pairs = nt.subspan(kProof + kClientChallenge);
  return pairs.empty() || is_pair_list(pairs);
}

bool is_authenticate(Bytes message, std::uint32_t agreed) {
  const auto at = [&](std::size_t offset) { return field(message, offset, kAuthenticateSize); };
  const auto lm = at(12), nt = at(20), user = at(36), session_key = at(52);
  if (!lm || !nt || !session_key || !is_text(at(28), agreed) || !is_text(user, agreed) || !is_text(at(44), agreed))
    return false;
  if (agreed & kKeyExchange ? session_key->size() != 16 : !session_key->empty() && session_key->size() != 16)
    return false;
  // Who says no name is anonymous and may have nothing to show; gss-ntlmssp refuses it.
  return user->empty() ? nt->empty() && lm->size() <= 1 : is_response(*nt, *lm);
}

}  // namespace

std::optional<Message> read_message(std::span<const std::byte> token, std::uint32_t agreed) {
  if (token.size() < kNegotiateSize ||
      std::string_view(reinterpret_cast<const char*>(token.data()), kSignature.size()) != kSignature)
    return std::nullopt;
  switch (static_cast<MessageType>(u32(token, 8))) {
    case MessageType::negotiate: {
      const std::uint32_t flags = u32(token, 12);
      if (flags & kDatagram || !field(token, 16, 0) || !field(token, 24, 0)) return std::nullopt;
      return Message{MessageType::negotiate, flags};
    }
    case MessageType::challenge: {
      if (token.size() < kChallengeSize) return std::nullopt;
      const std::uint32_t flags = u32(token, 20);
      if (flags & kDatagram || !is_challenge(token, flags)) return std::nullopt;
      return Message{MessageType::challenge, flags};
    }
    case MessageType::authenticate:
      if (token.size() < kAuthenticateSize + kVersionAndMic || !is_authenticate(token, agreed)) return std::nullopt;
      return Message{MessageType::authenticate, u32(token, 60)};
  }
  return std::nullopt;
}

}  // namespace sspid::worker::ntlm
