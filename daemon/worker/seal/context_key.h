// A key of a security context with the OpenSSL objects that its messages need. They are made when first needed, and
// dropping them costs no more than making them again. One thread at a time.
#pragma once

#include <array>
#include <memory>
#include <span>

#include "daemon/worker/seal/cts.h"
#include "daemon/worker/seal/key.h"
#include "daemon/worker/seal/mac.h"
#include "daemon/worker/seal/profile.h"

namespace sspid::worker::seal {

/// Encryption with its checksum. Both halves of a message's protection live and die together.
class Sealer {
 public:
  Sealer(const Profile& profile, const Key& encryption, const Key& integrity, Way way)
      : profile_(profile), cipher_(profile, encryption, way), mac_(profile, integrity) {}

  [[nodiscard]] bool usable() const { return cipher_.usable() && mac_.usable(); }

  /// Encrypts the body in place: confounder, parts, copy of the header. False where OpenSSL fails.
  [[nodiscard]] bool seal(std::span<const gss::Part> body, std::span<std::byte> checksum);
  /// Decrypts it. Unless `equal`, what lies in the body is not to be trusted, whether decrypted or not.
  [[nodiscard]] Mac::Match open(std::span<const gss::Part> body, std::span<const std::byte> checksum);

 private:
  void start_mac();

  const Profile& profile_;
  Cts cipher_;
  Mac mac_;
};

class ContextKey {
 public:
  /// `profile` is static memory.
  ContextKey(const Profile& profile, std::span<const std::byte> key) : profile_(profile), base_(key) {}

  [[nodiscard]] const Profile& profile() const { return profile_; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return base_.bytes(); }

  /// Null where OpenSSL fails. `usage` is one of the two for sealing and always asked for with the same `way`.
  [[nodiscard]] Sealer* sealer(Usage usage, Way way);
  /// For messages that are only signed, inside a wrap token or apart from it.
  [[nodiscard]] Mac* checksum(Usage usage);

  void drop_objects();

 private:
  static constexpr std::size_t kUsages = 4;

  const Profile& profile_;
  Key base_;
  std::array<std::unique_ptr<Sealer>, kUsages> sealers_;
  std::array<std::unique_ptr<Mac>, kUsages> checksums_;
};

}  // namespace sspid::worker::seal
