// The keyed checksum of an encryption type. One thread at a time; OpenSSL's copy of the key is wiped with the object.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "daemon/worker/gss/message.h"
#include "daemon/worker/seal/evp.h"
#include "daemon/worker/seal/key.h"
#include "daemon/worker/seal/profile.h"

namespace sspid::worker::seal {

class Mac {
 public:
  /// What OpenSSL could not do shows in `finish` and `usable`.
  Mac(const Profile& profile, const Key& key);

  [[nodiscard]] bool usable() const { return context_ != nullptr; }

  // start, any number of add, then one of the two that end it.
  void start();
  void add(std::span<const std::byte> bytes);
  /// Parts that are only signed count as much as the others (RFC 4121 says nothing of them; MIT and Windows agree).
  void add(std::span<const gss::Part> parts);

  /// Writes the checksum, cut to the type's length. False where OpenSSL failed on the way.
  [[nodiscard]] bool finish(std::span<std::byte> checksum);

  enum class Match { equal, different, failed };
  /// In constant time.
  [[nodiscard]] Match matches(std::span<const std::byte> checksum);

 private:
  bool finish_whole(std::array<std::byte, kMaxDigest>& digest);

  EvpMacContext context_;
  bool good_ = false;
};

}  // namespace sspid::worker::seal
