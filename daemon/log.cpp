#include "daemon/log.h"

#include <cstdlib>
#include <utility>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "daemon/journal.h"

namespace sspid::log {

namespace {

// Messages quote names that clients chose: a line break in one must not start a line of its own.
class OneLine : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const char c : message.payload) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x20 && byte != 0x7F) {
        out.push_back(c);
        continue;
      }
      for (const char escaped : {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]}) out.push_back(escaped);
    }
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<OneLine>(); }
};

}  // namespace

bool is_level(const std::string& level) {
  // from_str answers "off" for what it does not know.
  return level == "off" || spdlog::level::from_str(level) != spdlog::level::off;
}

void init(const std::string& role, const std::string& level) {
  auto sink = is_journal(STDERR_FILENO, std::getenv("JOURNAL_STREAM")) ? journal_sink(role) : nullptr;
  if (!sink) sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("sspid", std::move(sink));
  logger->set_level(spdlog::level::from_str(level));
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<OneLine>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l " + role + "[%P] %*");
  logger->set_formatter(std::move(formatter));
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
