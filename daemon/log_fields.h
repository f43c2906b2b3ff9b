// Lines of the log that carry named values beside their text, for journald and for programs that read the log.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <spdlog/common.h>

namespace sspid::log {

struct Field {
  std::string_view name;  ///< lower-case letters, digits and underscores; lives as long as the process
  std::string value;
};
using Fields = std::vector<Field>;

/// Writes a line with these fields. Any thread.
void write(spdlog::level::level_enum level, std::string_view text, const Fields& fields);

/// The fields of the line that the calling thread is writing, for sinks: none for most lines.
[[nodiscard]] const Fields& fields_of_line();

}  // namespace sspid::log
