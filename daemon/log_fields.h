// Lines of the log that carry named values beside their text, for journald and for programs that read the log.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <spdlog/common.h>

namespace spdlog {
class logger;
}

namespace sspid::log {

/// One named value: "pid" 4711. It may be what a client chose; whoever writes the line escapes it.
struct Field {
  std::string_view name;  ///< lower-case letters, digits and underscores; lives as long as the process
  std::string value;
  bool is_number = false;

  Field(std::string_view of, std::string text) : name(of), value(std::move(text)) {}
  Field(std::string_view of, std::integral auto number) : name(of), value(std::to_string(number)), is_number(true) {}
};
using Fields = std::vector<Field>;

/// Writes a line with these fields. Any thread.
void write(spdlog::level::level_enum level, std::string_view text, const Fields& fields);

/// Writes a line of the audit trail: at every level but "off", so that who turns the log down does not give it up. Any
/// thread.
void audit(const Fields& fields);

/// Where the audit trail goes; without one, where everything goes. Before any thread.
void set_trail(std::shared_ptr<spdlog::logger> trail);

/// The fields of the line that the calling thread is writing, for sinks: none for most lines.
[[nodiscard]] const Fields& fields_of_line();

}  // namespace sspid::log
