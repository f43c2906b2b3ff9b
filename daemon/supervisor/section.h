// An object of the configuration file, read key by key: each value has to be what its key wants, and what nobody took
// in the end is a mistake of whoever wrote the file. Complaints name file, line, column and key.
//
// One thread. The tree of values outlives its sections.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/supervisor/json.h"

namespace sspid::supervisor {

/// Where a value stands, for a complaint about it later.
struct Place {
  std::string file;
  json::Position at{};
  std::string key;
  [[nodiscard]] json::Error complaint(const std::string& what) const { return {file, at, key, what}; }
};

class Section {
 public:
  /// Throws where `value` is no object. `path` is its key from the top: "services.web".
  Section(const json::Value& value, std::string path, const std::string& file);

  // Each returns nothing where the key is absent, and throws json::Error where its value is of another kind.

  [[nodiscard]] std::optional<std::string> text(const std::string& key);  ///< not empty
  [[nodiscard]] std::optional<std::vector<std::string>> texts(const std::string& key);
  [[nodiscard]] std::optional<bool> boolean(const std::string& key);
  [[nodiscard]] std::optional<std::uint32_t> number(const std::string& key, std::uint32_t least, std::uint32_t most);
  [[nodiscard]] std::optional<Section> section(const std::string& key);
  /// One of two words: whether it is `yes`.
  [[nodiscard]] std::optional<bool> choice(const std::string& key, const char* yes, const char* no);

  [[nodiscard]] bool has(const std::string& key) const { return find(key) != nullptr; }
  [[nodiscard]] bool is_text(const std::string& key) const;
  [[nodiscard]] std::vector<std::string> keys() const;

  /// The last call: throws over the first key that was not asked for.
  void finish() const;

  [[nodiscard]] Place place() const { return {file_, value_.at, path_}; }
  [[nodiscard]] Place place_of(const std::string& key) const;
  /// Of an entry of a list.
  [[nodiscard]] Place place_of(const std::string& key, std::size_t index) const;

 private:
  [[nodiscard]] const json::Value* find(const std::string& key) const;
  [[nodiscard]] const json::Value* take(const std::string& key);
  [[nodiscard]] std::string path_of(const std::string& key) const { return path_.empty() ? key : path_ + '.' + key; }
  [[nodiscard]] std::string text_of(const json::Value& value, const std::string& path) const;

  const json::Value& value_;
  std::string path_;
  const std::string& file_;
  std::set<std::string> taken_;
};

}  // namespace sspid::supervisor
