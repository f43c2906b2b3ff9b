// Sealing of what a client keeps in its own memory and nobody else is to read there: encrypted identities. The key is
// this worker's, so it serves one identity only; it is made at random, never leaves the process and ends with it.
// Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <span>
#include <vector>

#include "daemon/worker/secret.h"

namespace sspid::worker {

class Protection {
 public:
  Protection();
  ~Protection();
  Protection(const Protection&) = delete;
  Protection& operator=(const Protection&) = delete;

  /// Nonce, ciphertext, tag: kSealOverhead bytes more. Empty where OpenSSL lacks the cipher. `context` is covered too,
  /// and must be the same again when it is opened.
  [[nodiscard]] std::vector<std::byte> seal(std::span<const std::byte> secret,
                                            std::span<const std::byte> context) const;

  /// False where the seal is broken, is another worker's, or was made in another context.
  [[nodiscard]] bool open(std::span<const std::byte> sealed, std::span<const std::byte> context, Secret& secret) const;

  /// Whether somebody may come back with something that only this key opens.
  [[nodiscard]] bool was_used() const { return was_used_; }

 private:
  std::array<unsigned char, 32> key_;
  mutable std::atomic<bool> was_used_{false};
};

}  // namespace sspid::worker
