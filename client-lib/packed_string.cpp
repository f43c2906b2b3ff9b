#include "client-lib/packed_string.h"

#include <cstring>

#include "client-lib/base64.h"

namespace sspi {

namespace {

constexpr SEC_WCHAR kMark[] = {'@', '@'};
constexpr std::size_t kMarkLength = std::size(kMark);

bool is_marked(WideView text) { return text.substr(0, kMarkLength) == WideView(kMark, kMarkLength); }

/// What the string stands for where it is a marked one. A password that merely begins with the mark is none: no base64
/// of packed credentials.
std::optional<Secret> unmarked(WideView text) {
  if (!is_marked(text)) return std::nullopt;
  auto packed = decode_base64(text.substr(kMarkLength));
  if (!packed || packed->size() == 0 || !packed_credential(packed->bytes())) return std::nullopt;
  return packed;
}

}  // namespace

std::optional<Secret> packed_of_string(WideView text) {
  if (auto packed = unmarked(text)) return packed;
  if (!password_of(text)) return std::nullopt;
  return pack_password(text);
}

ContextBuffer string_of_packed(std::span<const std::byte> packed) {
  const auto credential = packed_credential(packed);
  if (credential && credential->kind == PackedKind::password) {
    ContextBuffer password(credential->data.size() + sizeof(SEC_WCHAR));
    if (!credential->data.empty()) std::memcpy(password.get(), credential->data.data(), credential->data.size());
    const WideView text(static_cast<const SEC_WCHAR*>(password.get()), credential->data.size() / sizeof(SEC_WCHAR));
    if (!unmarked(text)) return password;
  }
  ContextBuffer marked((kMarkLength + base64_length(packed.size()) + 1) * sizeof(SEC_WCHAR));
  auto* const out = static_cast<SEC_WCHAR*>(marked.get());
  std::memcpy(out, kMark, sizeof kMark);
  encode_base64(packed, out + kMarkLength);
  return marked;
}

}  // namespace sspi
