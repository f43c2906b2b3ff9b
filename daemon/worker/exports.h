// Contexts that were exported and wait for the process that will import them.
//
// Neither keys nor GSS-API's own export token ever leave the worker: what the program gets is a claim, a random number
// that is good for one import. All sessions of a worker belong to one identity, and each of them may redeem a claim; a
// worker of somebody else has never heard of it. The context waits here, whoever exported it may end meanwhile, but not
// for ever: what nobody has claimed in time is deleted, and its keys are wiped. Any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>

#include <openssl/crypto.h>

#include "daemon/worker/secret.h"
#include "proto/limits.h"

namespace sspid::worker {

class Context;
struct Package;

/// What names an exported context. Whoever knows all of it may have the context once.
struct Claim {
  static constexpr std::size_t kSecret = 32;

  std::uint64_t id = 0;  ///< the worker's index in the top 8 bits, then a counter: where to look, no secret
  std::array<std::byte, kSecret> secret{};

  Claim() = default;
  Claim(const Claim&) = default;
  Claim& operator=(const Claim&) = default;
  ~Claim() { OPENSSL_cleanse(secret.data(), secret.size()); }
};

/// The bytes that the program passes on, little-endian: "SSPIDCTX", version (8 bytes), id (8), secret (32).
[[nodiscard]] Secret pack(const Claim& claim);
/// Nothing where the bytes are not a packed context of this version.
[[nodiscard]] std::optional<Claim> unpack(std::span<const std::byte> bytes);

class Exports {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Exports(std::uint8_t worker);
  ~Exports();

  /// Keeps the context until `now` + kExportSeconds. Nothing where kMaxExportedContexts are waiting already.
  [[nodiscard]] std::optional<Claim> add(std::shared_ptr<Context> context, Clock::time_point now);

  /// Takes back what was added.
  void withdraw(const Claim& claim);

  /// Gives the context to `deliver` if the claim is good and the context belongs to `package`; then the claim is used
  /// up. When `deliver` throws it is not. False: no such context, for whatever reason; nothing has changed.
  [[nodiscard]] bool redeem(const Claim& claim, const Package& package, Clock::time_point now,
                            const std::function<void(const std::shared_ptr<Context>&)>& deliver);

  /// Call it now and then.
  void drop_overdue(Clock::time_point now);

  [[nodiscard]] std::size_t size() const;

 private:
  struct Waiting {
    Claim claim;
    std::shared_ptr<Context> context;
    Clock::time_point deadline;
  };

  mutable std::mutex mutex_;
  std::uint64_t next_id_;
  std::unordered_map<std::uint64_t, Waiting> waiting_;
};

}  // namespace sspid::worker
