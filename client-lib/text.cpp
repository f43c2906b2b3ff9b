#include "client-lib/text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sspi {

namespace {

constexpr std::uint32_t kFirstHigh = 0xD800;
constexpr std::uint32_t kFirstLow = 0xDC00;
constexpr std::uint32_t kAfterSurrogates = 0xE000;
constexpr std::uint32_t kFirstAstral = 0x10000;
constexpr std::uint32_t kLastCodePoint = 0x10FFFF;

// Takes one code point off the front. Nothing when the bytes are not the shortest form of a scalar value (RFC 3629).
std::optional<std::uint32_t> take_utf8(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) {
    text.remove_prefix(1);
    return lead;
  }
  struct Form {
    unsigned mask, lead;
    std::size_t length;
    std::uint32_t least;
  };
  constexpr std::array<Form, 3> kForms{{{0xE0, 0xC0, 2, 0x80}, {0xF0, 0xE0, 3, 0x800}, {0xF8, 0xF0, 4, kFirstAstral}}};
  const auto* form =
      std::find_if(kForms.begin(), kForms.end(), [&](const Form& f) { return (lead & f.mask) == f.lead; });
  if (form == kForms.end() || text.size() < form->length) return std::nullopt;

  std::uint32_t value = lead & ~form->mask & 0xFF;
  for (std::size_t i = 1; i < form->length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) return std::nullopt;
    value = (value << 6) | (byte & 0x3F);
  }
  if (value < form->least || value > kLastCodePoint || (value >= kFirstHigh && value < kAfterSurrogates))
    return std::nullopt;
  text.remove_prefix(form->length);
  return value;
}

std::optional<std::uint32_t> take_utf16(WideView& text) {
  const std::uint32_t unit = text.front();
  text.remove_prefix(1);
  if (unit < kFirstHigh || unit >= kAfterSurrogates) return unit;
  if (unit >= kFirstLow || text.empty()) return std::nullopt;
  const std::uint32_t low = text.front();
  if (low < kFirstLow || low >= kAfterSurrogates) return std::nullopt;
  text.remove_prefix(1);
  return kFirstAstral + ((unit - kFirstHigh) << 10) + (low - kFirstLow);
}

char* put_utf8(std::uint32_t value, char* out) {
  const auto byte = [&](std::uint32_t bits) { *out++ = static_cast<char>(static_cast<unsigned char>(bits)); };
  if (value < 0x80) {
    byte(value);
    return out;
  }
  if (value < 0x800) {
    byte(0xC0 | (value >> 6));
  } else if (value < kFirstAstral) {
    byte(0xE0 | (value >> 12));
    byte(0x80 | ((value >> 6) & 0x3F));
  } else {
    byte(0xF0 | (value >> 18));
    byte(0x80 | ((value >> 12) & 0x3F));
    byte(0x80 | ((value >> 6) & 0x3F));
  }
  byte(0x80 | (value & 0x3F));
  return out;
}

}  // namespace

bool is_utf8(std::string_view text) { return utf16_length(text).has_value(); }

std::optional<std::size_t> encode_utf8(WideView text, char* out) {
  char* const begin = out;
  while (!text.empty()) {
    const auto value = take_utf16(text);
    if (!value) return std::nullopt;
    out = put_utf8(*value, out);
  }
  return static_cast<std::size_t>(out - begin);
}

std::optional<std::string> to_utf8(WideView text) {
  std::string result(most_utf8(text), '\0');
  const auto length = encode_utf8(text, result.data());
  if (!length) return std::nullopt;
  result.resize(*length);
  return result;
}

std::optional<std::string> to_utf8(std::string_view text) {
  if (!is_utf8(text)) return std::nullopt;
  return std::string(text);
}

std::optional<std::size_t> utf16_length(std::string_view text) {
  std::size_t length = 0;
  while (!text.empty()) {
    const auto value = take_utf8(text);
    if (!value) return std::nullopt;
    length += *value < kFirstAstral ? 1 : 2;
  }
  return length;
}

void encode_utf16(std::string_view text, SEC_WCHAR* out) {
  while (!text.empty()) {
    const auto value = take_utf8(text);
    if (!value) return;
    if (*value < kFirstAstral) {
      *out++ = static_cast<SEC_WCHAR>(*value);
    } else {
      *out++ = static_cast<SEC_WCHAR>(kFirstHigh + ((*value - kFirstAstral) >> 10));
      *out++ = static_cast<SEC_WCHAR>(kFirstLow + ((*value - kFirstAstral) & 0x3FF));
    }
  }
}

}  // namespace sspi
