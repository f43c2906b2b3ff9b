#include "daemon/supervisor/json.h"

#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>

namespace sspid::supervisor::json {

namespace {

/// Deeper than any configuration; the parser below recurses for nothing, but what reads the values does.
constexpr std::size_t kMaxDepth = 32;

Position position_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')), 1 + before.size() - line_start};
}

/// Reads characters and leaves behind how many.
class Counting {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Counting(const char* at, const char* start, std::size_t* count) : at_(at), start_(start), count_(count) {}
  reference operator*() const { return *at_; }
  Counting& operator++() {
    ++at_;
    if (count_) *count_ = static_cast<std::size_t>(at_ - start_);
    return *this;
  }
  Counting operator++(int) {
    Counting before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Counting& other) const { return at_ == other.at_; }
  bool operator!=(const Counting& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char* start_;
  std::size_t* count_;
};

/// Makes the tree from what nlohmann's parser meets. A value's position is where it ends, since that is where the
/// parser is; a member's is where its key starts.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view text, std::string file, const std::size_t& read)
      : text_(text), file_(std::move(file)), read_(read) {}

  bool null() override { return add({.kind = Kind::null}); }
  bool boolean(bool value) override { return add({.kind = Kind::boolean, .boolean = value}); }
  bool number_integer(number_integer_t value) override { return number(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return number(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t&) override { return number(value); }
  bool string(string_t& value) override { return add({.kind = Kind::text, .text = value}); }
  bool binary(binary_t&) override { return false; }  // not in JSON

  bool start_object(std::size_t) override { return open(Kind::object); }
  bool start_array(std::size_t) override { return open(Kind::list); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    key_ = name;
    key_at_ = position_of(text_, key_start());
    for (const auto& [existing, value] : open_.back()->members)
      if (existing == name) throw Error(file_, key_at_, name, "is here twice");
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    const std::string_view words = error.what();
    const std::size_t colon = words.rfind(": ");
    throw Error(file_, position_of(text_, position == 0 ? 0 : position - 1), {},
                "is no JSON: " + std::string(colon == words.npos ? words : words.substr(colon + 2)));
  }

  Value take() { return std::move(root_); }

 private:
  /// The quote before the key that was just read: escapes make its length unknown.
  [[nodiscard]] std::size_t key_start() const {
    std::size_t at = read_ == 0 ? 0 : read_ - 1;
    while (at > 0) {
      at = text_.rfind('"', at - 1);
      if (at == std::string_view::npos) return 0;
      std::size_t escapes = 0;
      while (escapes < at && text_[at - 1 - escapes] == '\\') ++escapes;
      if (escapes % 2 == 0) return at;
    }
    return at;
  }

  bool number(double value) { return add({.kind = Kind::number, .number = value}); }

  bool add(Value value) {
    place(std::move(value));
    return true;
  }

  Value* place(Value value) {
    value.at = position_of(text_, read_ == 0 ? 0 : read_ - 1);
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Value& parent = *open_.back();
    if (parent.kind == Kind::list) return &parent.items.emplace_back(std::move(value));
    value.at = key_at_;
    return &parent.members.emplace_back(key_, std::move(value)).second;
  }

  bool open(Kind kind) {
    Value* placed = place({.kind = kind});
    if (open_.size() == kMaxDepth) throw Error(file_, placed->at, {}, "is nested too deeply");
    open_.push_back(placed);  // its parent gets no further child while it is open, and so does not move
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  std::string file_;
  const std::size_t& read_;
  Value root_;
  std::vector<Value*> open_;
  std::string key_;
  Position key_at_;
};

}  // namespace

Error::Error(const std::string& file, Position at, const std::string& key, const std::string& what)
    : std::runtime_error(file + ':' + std::to_string(at.line) + ':' + std::to_string(at.column) + ": " +
                         (key.empty() ? "" : key + ": ") + what) {}

Value parse(std::string_view text, const std::string& file) {
  std::size_t read = 0;
  Builder builder(text, file, read);
  const char* begin = text.data();
  const char* end = begin + text.size();
  nlohmann::json::sax_parse(Counting(begin, begin, &read), Counting(end, begin, nullptr), &builder);
  return builder.take();
}

}  // namespace sspid::supervisor::json
