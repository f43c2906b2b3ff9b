// What pAuthData gives AcquireCredentialsHandle: SEC_WINNT_AUTH_IDENTITY in one of its forms. Everything is copied; the
// caller may wipe and free its own at once (E-017).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "client-lib/last_error.h"

namespace sspi {

/// A few bytes that are wiped when they go. Never copied, never grown.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t capacity) : memory_(new char[capacity]), capacity_(capacity) {}
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

struct Identity {
  std::string user;
  std::string domain;
  std::string package_list;
  std::optional<Secret> password;  ///< UTF-8; nothing: the caller gave none at all
};

/// Reads any of the forms; `auth_data` is not NULL. SEC_E_OK, or the status by which to refuse it.
[[nodiscard]] SECURITY_STATUS parse_identity(const void* auth_data, Identity& identity);

}  // namespace sspi
