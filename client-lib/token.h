// Tokens: what QuerySecurityContextToken hands out. A HANDLE is a number that a table knows, never an address: what a
// caller passes is looked up, not followed. Any thread may call anything here.
#pragma once

#include <memory>

#include "client-lib/context_identity.h"

namespace sspi {

/// Made once, never changed.
using Token = ContextIdentity;

/// A token's place in the table. Gives the place back when it goes, unless the handle was handed out.
class TokenHandle {
 public:
  TokenHandle() = default;
  explicit TokenHandle(std::shared_ptr<const Token> token);
  TokenHandle(TokenHandle&& other) noexcept { *this = std::move(other); }
  TokenHandle& operator=(TokenHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~TokenHandle();

  /// The handle of a token that lives as long as this. CloseHandle leaves it alone.
  [[nodiscard]] HANDLE get() const { return handle_; }
  [[nodiscard]] explicit operator bool() const { return handle_ != nullptr; }

  /// It is the caller's now, until CloseHandle.
  [[nodiscard]] HANDLE hand_out();

 private:
  HANDLE handle_ = nullptr;
};

/// SECPKG_ATTR_ACCESS_TOKEN: the handle of the token that the context, in use by the caller, has for as long as it
/// lives.
[[nodiscard]] SECURITY_STATUS access_token(Context& context, HANDLE& handle);

/// Nothing where the handle names none.
[[nodiscard]] std::shared_ptr<const Token> find_token(HANDLE handle);

/// Whether the handle was one that had been handed out; then it names nothing any more.
[[nodiscard]] bool close_token(HANDLE handle);

}  // namespace sspi
