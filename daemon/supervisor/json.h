// JSON with positions: where in the file each value stands, so that a complaint about the configuration names line,
// column and key.
//
// Pure; one thread.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sspid::supervisor::json {

/// Both count from 1; a column is a byte.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
};

/// "FILE:3:14: packages.offer: must be a list of texts"
class Error : public std::runtime_error {
 public:
  Error(const std::string& file, Position at, const std::string& key, const std::string& what);
};

enum class Kind { null, boolean, number, text, list, object };

struct Value {
  Position at{};
  Kind kind = Kind::null;
  bool boolean = false;
  double number = 0;
  std::string text{};
  std::vector<Value> items{};
  std::vector<std::pair<std::string, Value>> members{};  ///< in their order; the position of a member is its key's
};

/// Throws Error where `text` is no JSON, or an object has one key twice. `file` is for the complaint only.
[[nodiscard]] Value parse(std::string_view text, const std::string& file);

}  // namespace sspid::supervisor::json
