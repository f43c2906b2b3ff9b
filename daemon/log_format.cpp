#include "daemon/log_format.h"

#include <algorithm>
#include <cstdint>
#include <ctime>

#include <fmt/format.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/details/os.h>

#include "daemon/log_fields.h"

namespace sspid::log {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

void append_hex(unsigned value, int digits, std::string& line) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) line += kDigits[(value >> shift) & 15];
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

void append_escaped(std::string_view text, std::string_view also, std::string& line) {
  for (const char c : text) {
    if (is_control(c)) {
      line += "\\x";
      append_hex(static_cast<unsigned char>(c), 2, line);
      continue;
    }
    if (also.find(c) != also.npos) line += '\\';
    line += c;
  }
}

bool is_plain_word(std::string_view value) {
  constexpr std::string_view kPlain = "@/.:_-+,$*%";
  return !value.empty() && std::all_of(value.begin(), value.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kPlain.find(c) != kPlain.npos;
  });
}

/// Takes one character from the front of UTF-8 text; U+FFFD for one byte that belongs to none.
char32_t take_character(std::string_view& text) {
  constexpr char32_t kReplacement = 0xFFFD;
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || length > text.size() || first > 0xF4) return text.remove_prefix(1), kReplacement;
  char32_t character = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return text.remove_prefix(1), kReplacement;
    character = (character << 6) | (next & 0x3FU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (character < kSmallest[length] || character > 0x10FFFF || is_surrogate) return text.remove_prefix(1), kReplacement;
  text.remove_prefix(length);
  return character;
}

void append_unit(char32_t unit, std::string& line) {
  line += "\\u";
  append_hex(static_cast<unsigned>(unit), 4, line);
}

/// "2026-11-30T13:05:50.123+0100"; JSON has the colon that RFC 3339 wants.
std::string time_of(const spdlog::log_clock::time_point when, Format format) {
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count() % 1000;
  const std::tm local = spdlog::details::os::localtime(spdlog::log_clock::to_time_t(when));
  char zone[8] = "";
  const std::string_view offset{zone, std::strftime(zone, sizeof zone, "%z", &local)};
  const std::string_view hours = offset.substr(0, std::min<std::size_t>(offset.size(), 3));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{}{}{}", local.tm_year + 1900, local.tm_mon + 1,
                     local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec, milliseconds, hours,
                     format == Format::json ? ":" : "", offset.substr(hours.size()));
}

class Line : public spdlog::formatter {
 public:
  Line(std::string role, Format format) : role_(std::move(role)), format_(format) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    std::string line;
    (format_ == Format::json ? write_json(message, line) : write_text(message, line));
    line += '\n';
    out.append(line.data(), line.data() + line.size());
  }
  [[nodiscard]] std::unique_ptr<formatter> clone() const override { return std::make_unique<Line>(role_, format_); }

 private:
  static std::string_view level_of(const spdlog::details::log_msg& message) {
    const auto name = spdlog::level::to_string_view(message.level);
    return message.level == spdlog::level::warn ? "warn" : std::string_view{name.data(), name.size()};
  }
  static std::string_view text_of(const spdlog::details::log_msg& message) {
    return {message.payload.data(), message.payload.size()};
  }

  void write_text(const spdlog::details::log_msg& message, std::string& line) const {
    line += time_of(message.time, format_);
    line += fmt::format(" {} {}[{}] ", level_of(message), role_, spdlog::details::os::pid());
    append_escaped(text_of(message), {}, line);
    for (const Field& field : fields_of_line()) {
      line += ' ';
      line += field.name;
      line += '=';
      append_as_text(field.value, line);
    }
  }

  void write_json(const spdlog::details::log_msg& message, std::string& line) const {
    line += fmt::format(R"({{"time":"{}","level":"{}","role":"{}","process":{},"message":)",
                        time_of(message.time, format_), level_of(message), role_, spdlog::details::os::pid());
    append_as_json(text_of(message), line);
    for (const Field& field : fields_of_line()) {
      line += ",\"";
      line += field.name;
      line += "\":";
      field.is_number ? void(line += field.value) : append_as_json(field.value, line);
    }
    line += '}';
  }

  const std::string role_;
  const Format format_;
};

}  // namespace

void append_as_text(std::string_view value, std::string& line) {
  if (is_plain_word(value)) {
    line += value;
    return;
  }
  line += '"';
  append_escaped(value, "\"\\", line);
  line += '"';
}

void append_as_json(std::string_view text, std::string& line) {
  line += '"';
  while (!text.empty()) {
    const char32_t character = take_character(text);
    if (character == '"' || character == '\\') {
      line += '\\';
      line += static_cast<char>(character);
    } else if (character >= 0x20 && character < 0x7F) {
      line += static_cast<char>(character);
    } else if (character < 0x10000) {
      append_unit(character, line);
    } else {
      append_unit(0xD800 + ((character - 0x10000) >> 10), line);
      append_unit(0xDC00 + ((character - 0x10000) & 0x3FF), line);
    }
  }
  line += '"';
}

std::unique_ptr<spdlog::formatter> make_formatter(const std::string& role, Format format) {
  return std::make_unique<Line>(role, format);
}

}  // namespace sspid::log
