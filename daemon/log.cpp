#include "daemon/log.h"

#include <utility>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace sspid::log {

bool is_level(const std::string& level) {
  // from_str answers "off" for what it does not know.
  return level == "off" || spdlog::level::from_str(level) != spdlog::level::off;
}

void init(const std::string& role, const std::string& level) {
  auto logger = spdlog::stderr_logger_mt("sspid");
  logger->set_level(spdlog::level::from_str(level));
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l " + role + "[%P] %v");
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
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
