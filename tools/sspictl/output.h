// How commands speak: tables for people, JSON for programs, and an exit status for scripts.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace sspictl {

using Json = nlohmann::ordered_json;

enum class Format { text, json };

/// What sspictl ends with; docs/sspictl.md says the same.
enum Exit : int {
  ok = 0,
  found_wrong = 1,  ///< the command was carried out, and what it found is not well
  usage = 2,        ///< it cannot be understood
  unreachable = 3,  ///< no daemon is there, or none that answers
  forbidden = 4,    ///< the daemon is there and does not serve who asks
  incomplete = 5,   ///< answered, but not by every worker
};

/// In words for the administrator, with what sspictl then ends with.
struct Failure : std::runtime_error {
  explicit Failure(const std::string& what, Exit exit = Exit::unreachable) : runtime_error(what), status(exit) {}
  Exit status;
};

/// What goes to standard output, without a newline at its end, and the exit status.
struct Result {
  std::string text;
  Exit status = Exit::ok;
};

/// Rows under a heading, in columns as wide as what is in them. Numbers stand right. Names may be what a client chose:
/// characters that a terminal obeys are shown as "?".
class Table {
 public:
  explicit Table(std::vector<std::string> heading) : rows_{std::move(heading)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// Without what a terminal obeys.
[[nodiscard]] std::string printable(std::string_view text);

/// "3 d 04:05", "00:00:12": how long ago, or how long still.
[[nodiscard]] std::string duration(std::int64_t seconds);

/// A member of an object that somebody else wrote, or what stands for it where it is absent or of another type.
[[nodiscard]] std::string text_of(const Json& object, const char* member);
[[nodiscard]] std::int64_t number_of(const Json& object, const char* member);
[[nodiscard]] const Json& list_of(const Json& object, const char* member);

/// One line, in ASCII.
[[nodiscard]] std::string to_line(const Json& json);

}  // namespace sspictl
