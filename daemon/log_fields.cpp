#include "daemon/log_fields.h"

#include <spdlog/spdlog.h>

namespace sspid::log {

namespace {

// spdlog's messages have no place for fields. Its sinks work on the thread that writes, so they find them here.
thread_local const Fields* current = nullptr;

std::shared_ptr<spdlog::logger>& the_trail() {
  static std::shared_ptr<spdlog::logger> trail;
  return trail;
}

void write_to(spdlog::logger& logger, spdlog::level::level_enum level, std::string_view text, const Fields& fields) {
  current = &fields;
  // The logger's own fence keeps what a sink throws.
  logger.log(level, spdlog::string_view_t{text.data(), text.size()});
  current = nullptr;
}

}  // namespace

void write(spdlog::level::level_enum level, std::string_view text, const Fields& fields) {
  write_to(*spdlog::default_logger_raw(), level, text, fields);
}

void audit(const Fields& fields) {
  const auto& trail = the_trail();
  write_to(trail ? *trail : *spdlog::default_logger_raw(), spdlog::level::info, "audit", fields);
}

void set_trail(std::shared_ptr<spdlog::logger> trail) { the_trail() = std::move(trail); }

const Fields& fields_of_line() {
  static const Fields none;
  return current == nullptr ? none : *current;
}

}  // namespace sspid::log
