#include "client-lib/base64.h"

#include <algorithm>
#include <cstdint>

namespace sspi {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr SEC_WCHAR kPad = '=';

std::optional<std::uint32_t> value_of(SEC_WCHAR character) {
  if (character >= 0x80) return std::nullopt;
  const auto at = kAlphabet.find(static_cast<char>(character));
  return at == std::string_view::npos ? std::nullopt : std::optional(static_cast<std::uint32_t>(at));
}

}  // namespace

void encode_base64(std::span<const std::byte> bytes, SEC_WCHAR* out) {
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = (group << 8) | (k < count ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k)
      *out++ = k <= count ? static_cast<SEC_WCHAR>(kAlphabet[(group >> (18 - 6 * k)) & 0x3F]) : kPad;
  }
}

std::optional<Secret> decode_base64(WideView text) {
  if (text.size() % 4 != 0) return std::nullopt;
  Secret bytes(text.size() / 4 * 3 + 1);
  char* out = bytes.data();
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const std::size_t pads = !last || text[i + 3] != kPad ? 0 : text[i + 2] != kPad ? 1 : 2;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const auto value = k < 4 - pads ? value_of(text[i + k]) : 0;
      if (!value) return std::nullopt;
      group = (group << 6) | *value;
    }
    if ((group & ((std::uint32_t{1} << (8 * pads)) - 1)) != 0) return std::nullopt;
    for (std::size_t k = 0; k < 3 - pads; ++k)
      *out++ = static_cast<char>(static_cast<unsigned char>(group >> (16 - 8 * k)));
  }
  bytes.set_size(static_cast<std::size_t>(out - bytes.data()));
  return bytes;
}

}  // namespace sspi
