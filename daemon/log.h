// The log of both processes: lines on stderr, for people and for journald, or JSON for programs. Callers use spdlog's
// functions directly, and those of log_fields.h where a line has values of its own.
// Nothing secret is ever given to it: no token, key, password or message.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace sspid::log {

/// Whether `level` is one of trace, debug, info, warn, error, critical, off.
[[nodiscard]] bool is_level(const std::string& level);

/// A line as people read it, or as one JSON object.
enum class Format { text, json };

/// Whether who did what is written, too. Not where the daemon is a part of one program, whose own output it would fill.
enum class Trail { written, none };

/// Sets up the default logger and the audit trail. `role` tells supervisor and worker apart. Call once, before any
/// thread.
void init(const std::string& role, const std::string& level, Format format = Format::text,
          Trail trail = Trail::written);

/// Keeps a client that misbehaves in a loop from filling the log: a few lines in every period, the rest only counted.
/// Any thread.
class Throttle {
 public:
  using Clock = std::chrono::steady_clock;

  /// Nothing: say nothing now. Otherwise the number of lines that were held back since the last one.
  [[nodiscard]] std::optional<std::uint64_t> admit(Clock::time_point now = Clock::now());

 private:
  static constexpr unsigned kLines = 10;
  static constexpr std::chrono::seconds kPeriod{10};

  std::mutex mutex_;
  std::optional<Clock::time_point> period_began_;
  unsigned lines_ = 0;
  std::uint64_t held_back_ = 0;
};

}  // namespace sspid::log
