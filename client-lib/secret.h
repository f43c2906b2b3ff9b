// Bytes that are wiped when they go: passwords and keys on their way to the daemon.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "client-lib/text.h"

namespace sspi {

/// A few bytes that are wiped when they go. Never copied, never grown.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t capacity) : memory_(new char[capacity]), capacity_(capacity) {}
  explicit Secret(std::span<const std::byte> bytes);
  Secret(Secret&& other) noexcept { *this = std::move(other); }
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  [[nodiscard]] char* data() { return memory_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  void set_size(std::size_t size) { size_ = size; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return std::as_bytes(std::span(memory_.get(), size_)); }

 private:
  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

/// A password as the protocol carries it: UTF-8 without NULs, straight from the caller's memory into memory that is
/// wiped. Nothing when it is not well-formed or longer than kMaxPassword.
[[nodiscard]] std::optional<Secret> password_of(WideView text);
[[nodiscard]] std::optional<Secret> password_of(std::string_view text);

}  // namespace sspi
