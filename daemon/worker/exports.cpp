#include "daemon/worker/exports.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include <sys/random.h>

#include "daemon/worker/context.h"

namespace sspid::worker {

namespace {

constexpr std::array<std::byte, 8> kMagic = {std::byte{'S'}, std::byte{'S'}, std::byte{'P'}, std::byte{'I'},
                                             std::byte{'D'}, std::byte{'C'}, std::byte{'T'}, std::byte{'X'}};
constexpr std::uint64_t kVersion = 1;

constexpr std::size_t kNumber = sizeof(std::uint64_t);
constexpr std::size_t kVersionAt = kMagic.size();
constexpr std::size_t kIdAt = kVersionAt + kNumber;
constexpr std::size_t kSecretAt = kIdAt + kNumber;
static_assert(kSecretAt + Claim::kSecret == proto::kPackedContext);

void put(std::uint64_t value, std::span<std::byte, kNumber> into) {
  for (std::size_t i = 0; i < kNumber; ++i) into[i] = static_cast<std::byte>(value >> (8 * i));
}

std::uint64_t get(std::span<const std::byte, kNumber> from) {
  std::uint64_t value = 0;
  for (std::size_t i = kNumber; i-- > 0;) value = (value << 8) | std::to_integer<std::uint64_t>(from[i]);
  return value;
}

}  // namespace

Secret pack(const Claim& claim) {
  std::array<std::byte, proto::kPackedContext> packed{};
  const std::span bytes(packed);
  std::copy(kMagic.begin(), kMagic.end(), packed.begin());
  put(kVersion, bytes.subspan<kVersionAt, kNumber>());
  put(claim.id, bytes.subspan<kIdAt, kNumber>());
  std::copy(claim.secret.begin(), claim.secret.end(), bytes.subspan<kSecretAt>().begin());
  Secret wiped(bytes);
  OPENSSL_cleanse(packed.data(), packed.size());
  return wiped;
}

std::optional<Claim> unpack(std::span<const std::byte> bytes) {
  if (bytes.size() != proto::kPackedContext) return std::nullopt;
  const auto packed = bytes.first<proto::kPackedContext>();
  if (!std::equal(kMagic.begin(), kMagic.end(), packed.begin())) return std::nullopt;
  if (get(packed.subspan<kVersionAt, kNumber>()) != kVersion) return std::nullopt;
  Claim claim;
  claim.id = get(packed.subspan<kIdAt, kNumber>());
  const auto secret = packed.subspan<kSecretAt>();
  std::copy(secret.begin(), secret.end(), claim.secret.begin());
  return claim;
}

Exports::Exports(std::uint8_t worker) : next_id_((std::uint64_t{worker} << 56) | 1) {}

Exports::~Exports() = default;

std::optional<Claim> Exports::add(std::shared_ptr<Context> context, Clock::time_point now) {
  Claim claim;
  if (::getrandom(claim.secret.data(), claim.secret.size(), 0) != static_cast<ssize_t>(claim.secret.size()))
    throw std::bad_alloc();
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= proto::kMaxExportedContexts) return std::nullopt;
  claim.id = next_id_++;
  waiting_.emplace(claim.id, Waiting{claim, std::move(context), now + std::chrono::seconds(proto::kExportSeconds)});
  return claim;
}

void Exports::withdraw(const Claim& claim) {
  const std::lock_guard lock(mutex_);
  waiting_.erase(claim.id);
}

bool Exports::redeem(const Claim& claim, const Package& package, Clock::time_point now,
                     const std::function<void(const std::shared_ptr<Context>&)>& deliver) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(claim.id);
  if (found == waiting_.end()) return false;
  const Waiting& waiting = found->second;
  const bool good = CRYPTO_memcmp(waiting.claim.secret.data(), claim.secret.data(), claim.secret.size()) == 0;
  if (!good || waiting.deadline <= now || waiting.context->package != &package) return false;
  deliver(waiting.context);
  waiting_.erase(found);
  return true;
}

void Exports::drop_overdue(Clock::time_point now) {
  std::vector<std::shared_ptr<Context>> overdue;  // they end outside the lock
  const std::lock_guard lock(mutex_);
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    if (each->second.deadline <= now) {
      overdue.push_back(std::move(each->second.context));
      each = waiting_.erase(each);
    } else {
      ++each;
    }
  }
}

std::size_t Exports::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace sspid::worker
