#include "daemon/log_fields.h"

#include <spdlog/spdlog.h>

namespace sspid::log {

namespace {

// spdlog's messages have no place for fields. Its sinks work on the thread that writes, so they find them here.
thread_local const Fields* current = nullptr;

}  // namespace

void write(spdlog::level::level_enum level, std::string_view text, const Fields& fields) {
  current = &fields;
  spdlog::log(level, text);  // its own fence keeps what a sink throws
  current = nullptr;
}

const Fields& fields_of_line() {
  static const Fields none;
  return current == nullptr ? none : *current;
}

}  // namespace sspid::log
