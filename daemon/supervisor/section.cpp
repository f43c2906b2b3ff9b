#include "daemon/supervisor/section.h"

#include <algorithm>
#include <cmath>

namespace sspid::supervisor {

using json::Kind;
using json::Value;

Section::Section(const Value& value, std::string path, const std::string& file)
    : value_(value), path_(std::move(path)), file_(file) {
  if (value.kind != Kind::object) throw place().complaint("must be an object");
}

const Value* Section::find(const std::string& key) const {
  const auto is_it = [&](const auto& member) { return member.first == key; };
  const auto member = std::find_if(value_.members.begin(), value_.members.end(), is_it);
  return member == value_.members.end() ? nullptr : &member->second;
}

const Value* Section::take(const std::string& key) {
  taken_.insert(key);
  return find(key);
}

std::string Section::text_of(const Value& value, const std::string& path) const {
  // A NUL would end the text early for whoever hands it to the system.
  if (value.kind != Kind::text || value.text.empty() || value.text.find('\0') != std::string::npos)
    throw json::Error(file_, value.at, path, "must be a text");
  return value.text;
}

std::optional<std::string> Section::text(const std::string& key) {
  const Value* value = take(key);
  return value ? std::optional(text_of(*value, path_of(key))) : std::nullopt;
}

std::optional<std::vector<std::string>> Section::texts(const std::string& key) {
  const Value* value = take(key);
  if (!value) return std::nullopt;
  if (value->kind != Kind::list) throw place_of(key).complaint("must be a list of texts");
  std::vector<std::string> all;
  for (std::size_t i = 0; i < value->items.size(); ++i) all.push_back(text_of(value->items[i], place_of(key, i).key));
  return all;
}

std::optional<bool> Section::boolean(const std::string& key) {
  const Value* value = take(key);
  if (!value) return std::nullopt;
  if (value->kind != Kind::boolean) throw place_of(key).complaint("must be true or false");
  return value->boolean;
}

std::optional<std::uint32_t> Section::number(const std::string& key, std::uint32_t least, std::uint32_t most) {
  const Value* value = take(key);
  if (!value) return std::nullopt;
  const bool is_one = value->kind == Kind::number && value->number >= least && value->number <= most &&
                      std::floor(value->number) == value->number;
  if (!is_one)
    throw place_of(key).complaint("must be a whole number from " + std::to_string(least) + " to " +
                                  std::to_string(most));
  return static_cast<std::uint32_t>(value->number);
}

std::optional<Section> Section::section(const std::string& key) {
  const Value* value = take(key);
  return value ? std::optional<Section>(std::in_place, *value, path_of(key), file_) : std::nullopt;
}

std::optional<bool> Section::choice(const std::string& key, const char* yes, const char* no) {
  const Value* value = take(key);
  if (!value) return std::nullopt;
  if (value->kind != Kind::text || (value->text != yes && value->text != no))
    throw place_of(key).complaint(std::string("must be \"") + yes + "\" or \"" + no + '"');
  return value->text == yes;
}

bool Section::is_text(const std::string& key) const {
  const Value* value = find(key);
  return value && value->kind == Kind::text;
}

std::vector<std::string> Section::keys() const {
  std::vector<std::string> all;
  for (const auto& [key, value] : value_.members) all.push_back(key);
  return all;
}

void Section::finish() const {
  for (const auto& [key, value] : value_.members)
    if (taken_.count(key) == 0) throw place_of(key).complaint("there is no such key");
}

Place Section::place_of(const std::string& key) const {
  const Value* value = find(key);
  return {file_, value ? value->at : value_.at, path_of(key)};
}

Place Section::place_of(const std::string& key, std::size_t index) const {
  const Value* value = find(key);
  const bool is_there = value && index < value->items.size();
  return {file_, is_there ? value->items[index].at : value_.at, path_of(key) + '[' + std::to_string(index) + ']'};
}

}  // namespace sspid::supervisor
