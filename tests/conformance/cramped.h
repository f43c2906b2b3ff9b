// An exchange in which each buffer for a token is too small at first (E-041).
#pragma once

#include "calls.h"

namespace sspid::test {

/// A side of the exchange that gets a buffer that is too small first, then one that suffices, at each leg. Everything
/// that may not change in between is looked at.
class Cramped {
 public:
  Cramped(bool initiates, Credential& credential, ULONG requirements, const char* target = kTarget)
      : initiates_(initiates), credential_(credential), requirements_(requirements), target_(target) {}

  /// The status of the repeated call; `token` is what it delivered.
  SECURITY_STATUS step(const Bytes& input, Bytes& token);

  [[nodiscard]] int refusals() const { return refusals_; }
  [[nodiscard]] CtxtHandle* context() { return context_.get(); }

 private:
  SECURITY_STATUS call(const Bytes& bytes, SecBufferDesc* output);

  bool initiates_;
  Credential& credential_;
  ULONG requirements_;
  const char* target_;
  OwnedContext context_;
  bool exists_ = false;
  int refusals_ = 0;
  ULONG attributes_ = 0;
  TimeStamp expiry_{};
};

/// How often each side found its buffer too small.
struct Refusals {
  int client;
  int server;
};

[[nodiscard]] Refusals establish_cramped(Credential& user, Credential& service, ULONG requirements,
                                         const char* target = kTarget);

}  // namespace sspid::test
