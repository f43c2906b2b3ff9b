#include "daemon/worker_options.h"

#include <charconv>
#include <string_view>

namespace sspid {

namespace {

// What comes first: a supervisor and a worker of different versions do not understand each other.
constexpr const char* kVersion = SSPID_VERSION;

constexpr std::string_view kUid = "--uid=";
constexpr std::string_view kGid = "--gid=";
constexpr std::string_view kNamedCaches = "--named-caches";
constexpr std::string_view kHalfOpenSeconds = "--half-open-seconds=";
constexpr std::string_view kLogLevel = "--log-level=";
constexpr std::string_view kLogInJson = "--log-json";
constexpr std::string_view kNoTrail = "--no-trail";

std::string with(std::string_view name, std::string_view value) { return std::string{name}.append(value); }

// All of the text, or nothing.
template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool take_flag(std::string_view word, WorkerOptions& options) {
  if (word == kNamedCaches)
    options.named_caches = true;
  else if (word == kLogInJson)
    options.log_format = log::Format::json;
  else if (word == kNoTrail)
    options.trail = log::Trail::none;
  else
    return false;
  return true;
}

std::optional<std::string_view> value_of(std::string_view word, std::string_view name) {
  return word.starts_with(name) ? std::optional{word.substr(name.size())} : std::nullopt;
}

bool take_value(std::string_view word, WorkerOptions& options) {
  if (const auto uid = value_of(word, kUid)) return (options.uid = number_in<uid_t>(*uid)).has_value();
  if (const auto gid = value_of(word, kGid)) return (options.gid = number_in<gid_t>(*gid)).has_value();
  if (const auto level = value_of(word, kLogLevel)) return log::is_level(options.log_level = *level);
  const auto text = value_of(word, kHalfOpenSeconds);
  const auto seconds = text ? number_in<unsigned>(*text) : std::nullopt;
  options.half_open_seconds = seconds.value_or(0);
  return seconds.has_value();
}

}  // namespace

std::vector<std::string> command_line_of(const WorkerOptions& options) {
  std::vector<std::string> words{kVersion, with(kLogLevel, options.log_level),
                                 with(kHalfOpenSeconds, std::to_string(options.half_open_seconds))};
  if (options.log_format == log::Format::json) words.emplace_back(kLogInJson);
  if (options.trail == log::Trail::none) words.emplace_back(kNoTrail);
  if (options.named_caches) words.emplace_back(kNamedCaches);
  if (options.uid) words.push_back(with(kUid, std::to_string(*options.uid)));
  if (options.gid) words.push_back(with(kGid, std::to_string(*options.gid)));
  return words;
}

std::optional<WorkerOptions> worker_options_of(std::span<const char* const> command_line) {
  if (command_line.empty() || command_line[0] != std::string_view{kVersion}) return std::nullopt;
  WorkerOptions options;
  for (const std::string_view word : command_line.subspan(1))
    if (!take_flag(word, options) && !take_value(word, options)) return std::nullopt;
  return options;
}

}  // namespace sspid
