#include "output.h"

#include <algorithm>
#include <cstdio>

namespace sspictl {

namespace {

/// Characters of UTF-8, which is how wide names are that people read.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // C0, DEL, and C1 in UTF-8: C2 80 to C2 9F.
    const bool is_c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F || is_c1)
      shown += '?';
    else
      shown += text[i];
    if (is_c1) ++i;
  }
  return shown;
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], width_of(printable(row[i])));
    }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = printable(row[i]);
      const std::string padding(widths[i] - width_of(cell), ' ');
      if (i > 0) line += "  ";
      line += is_number(cell) ? padding + cell : cell + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  text.pop_back();
  return text;
}

std::string duration(std::int64_t seconds) {
  const bool past = seconds < 0;
  if (past) seconds = -seconds;
  char text[64];
  if (seconds >= 86'400)
    std::snprintf(text, sizeof text, "%s%lld d %02lld:%02lld", past ? "-" : "",
                  static_cast<long long>(seconds / 86'400), static_cast<long long>(seconds / 3600 % 24),
                  static_cast<long long>(seconds / 60 % 60));
  else
    std::snprintf(text, sizeof text, "%s%02lld:%02lld:%02lld", past ? "-" : "", static_cast<long long>(seconds / 3600),
                  static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60));
  return text;
}

std::string text_of(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t number_of(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_number() ? found->get<std::int64_t>() : 0;
}

const Json& list_of(const Json& object, const char* member) {
  static const Json none = Json::array();
  const auto found = object.find(member);
  return found != object.end() && found->is_array() ? *found : none;
}

std::string to_line(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

}  // namespace sspictl
