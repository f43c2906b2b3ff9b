#include "daemon/log.h"

#include <cstdlib>
#include <utility>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "daemon/journal.h"
#include "daemon/log_fields.h"
#include "daemon/log_format.h"

namespace sspid::log {

namespace {

std::shared_ptr<spdlog::logger> make_logger(const char* name, const spdlog::sink_ptr& sink,
                                            spdlog::level::level_enum level) {
  auto logger = std::make_shared<spdlog::logger>(name, sink);
  logger->set_level(level);
  logger->flush_on(spdlog::level::trace);
  return logger;
}

}  // namespace

bool is_level(const std::string& level) {
  // from_str answers "off" for what it does not know.
  return level == "off" || spdlog::level::from_str(level) != spdlog::level::off;
}

void init(const std::string& role, const std::string& level, Format format, Trail trail) {
  auto sink = is_journal(STDERR_FILENO, std::getenv("JOURNAL_STREAM")) ? journal_sink(role) : nullptr;
  if (!sink) sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_formatter(make_formatter(role, format));
  const auto lowest = spdlog::level::from_str(level);
  const bool is_silent = trail == Trail::none || lowest == spdlog::level::off;
  set_trail(make_logger("audit", sink, is_silent ? spdlog::level::off : spdlog::level::info));
  spdlog::set_default_logger(make_logger("sspid", sink, lowest));
}

std::optional<std::uint64_t> Throttle::admit(Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  if (!period_began_ || now - *period_began_ >= kPeriod) {
    period_began_ = now;
    lines_ = 0;
  }
  if (lines_ == kLines) {
    ++held_back_;
    return std::nullopt;
  }
  ++lines_;
  return std::exchange(held_back_, 0);
}

}  // namespace sspid::log
