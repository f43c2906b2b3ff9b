#include "daemon/worker/seal/context_key.h"

namespace sspid::worker::seal {

namespace {

constexpr std::array<std::byte, kBlock> kZeroVector{};

std::size_t index_of(Usage usage) {
  return static_cast<std::size_t>(usage) - static_cast<std::size_t>(Usage::acceptor_seal);
}

}  // namespace

/// RFC 8009 5: the initial vector stands before the ciphertext; in RFC 4121 it is always zero.
void Sealer::start_mac() {
  mac_.start();
  if (profile_.family == Family::rfc8009) mac_.add(kZeroVector);
}

bool Sealer::seal(std::span<const gss::Part> body, std::span<std::byte> checksum) {
  if (profile_.family == Family::rfc8009 && !cipher_.apply(body)) return false;
  start_mac();
  mac_.add(body);
  if (!mac_.finish(checksum)) return false;
  return profile_.family == Family::rfc8009 || cipher_.apply(body);
}

Mac::Match Sealer::open(std::span<const gss::Part> body, std::span<const std::byte> checksum) {
  if (profile_.family == Family::rfc3962 && !cipher_.apply(body)) return Mac::Match::failed;
  start_mac();
  mac_.add(body);
  const Mac::Match match = mac_.matches(checksum);
  if (profile_.family == Family::rfc3962 || match != Mac::Match::equal) return match;
  return cipher_.apply(body) ? Mac::Match::equal : Mac::Match::failed;
}

Sealer* ContextKey::sealer(Usage usage, Way way) {
  std::unique_ptr<Sealer>& sealer = sealers_[index_of(usage)];
  if (sealer) return sealer.get();
  Key encryption, integrity;
  if (!derive(profile_, base_, usage, Purpose::encryption, encryption) ||
      !derive(profile_, base_, usage, Purpose::integrity, integrity))
    return nullptr;
  auto made = std::make_unique<Sealer>(profile_, encryption, integrity, way);
  if (made->usable()) sealer = std::move(made);
  return sealer.get();
}

Mac* ContextKey::checksum(Usage usage) {
  std::unique_ptr<Mac>& checksum = checksums_[index_of(usage)];
  if (checksum) return checksum.get();
  Key key;
  if (!derive(profile_, base_, usage, Purpose::checksum, key)) return nullptr;
  auto made = std::make_unique<Mac>(profile_, key);
  if (made->usable()) checksum = std::move(made);
  return checksum.get();
}

void ContextKey::drop_objects() {
  for (auto& sealer : sealers_) sealer.reset();
  for (auto& checksum : checksums_) checksum.reset();
}

}  // namespace sspid::worker::seal
