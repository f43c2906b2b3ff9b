// How every call and every step of one ends: a status for the program and a text for its people.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <sspi.h>

namespace sspid::worker {

/// Returned by a handler that would have to wait for a KDC or for another call while it runs on the event loop: nothing
/// was done, the call runs again in the pool. Never leaves the worker.
inline constexpr SECURITY_STATUS kMustWait = SEC_I_ASYNC_CALL_PENDING;

/// A SECURITY_STATUS with, for failures, what went wrong: mechanism, principal, the KDC's answer. Nothing secret.
struct [[nodiscard]] Outcome {
  SECURITY_STATUS status = SEC_E_OK;
  std::string detail;
  /// Of what policy refused: the key of the identity's part of the configuration, "initiate.targets". Empty: something
  /// else failed. Lives as long as the process.
  std::string_view rule{};

  Outcome() = default;
  Outcome(SECURITY_STATUS code) : status(code) {}  // NOLINT: a status alone is an outcome
  Outcome(SECURITY_STATUS code, std::string text) : status(code), detail(std::move(text)) {}
  Outcome(SECURITY_STATUS code, std::string text, std::string_view by)
      : status(code), detail(std::move(text)), rule(by) {}

  /// SEC_E_OK and every SEC_I_*: informational statuses are successes.
  [[nodiscard]] bool ok() const { return status >= 0; }
};

}  // namespace sspid::worker
