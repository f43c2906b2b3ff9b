// What a line of the log looks like, in either format. Text that clients chose never ends a line, nor passes for a fact
// beside it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <spdlog/formatter.h>

#include "daemon/log.h"

namespace sspid::log {

[[nodiscard]] std::unique_ptr<spdlog::formatter> make_formatter(const std::string& role, Format format);

/// `name=value` as text has it: in quotes where the value is anything but one plain word.
void append_as_text(std::string_view value, std::string& line);

/// `text` as a JSON string, quotes included, in ASCII. Bytes that are no UTF-8 become U+FFFD.
void append_as_json(std::string_view text, std::string& line);

}  // namespace sspid::log
