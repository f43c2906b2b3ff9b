#include "daemon/worker/seal/profile.h"

#include <array>

#include "daemon/worker/seal/cts.h"
#include "daemon/worker/seal/mac.h"

namespace sspid::worker::seal {

namespace {

constexpr std::array<Profile, 4> kProfiles{{
    {17, Family::rfc3962, "AES-128-CBC", "SHA1", 16, 16, 12},
    {18, Family::rfc3962, "AES-256-CBC", "SHA1", 32, 32, 12},
    {19, Family::rfc8009, "AES-128-CBC", "SHA256", 16, 16, 16},
    {20, Family::rfc8009, "AES-256-CBC", "SHA384", 32, 24, 24},
}};

/// Tries everything that a context of this type will need.
bool works(const Profile& profile) {
  const std::array<std::byte, kMaxKey> some{};
  const Key base(std::span<const std::byte>(some).first(profile.key_length));
  Key derived;
  return derive(profile, base, Usage::initiator_seal, Purpose::encryption, derived) &&
         Cts(profile, derived, Way::encrypt).usable() && Cts(profile, derived, Way::decrypt).usable() &&
         derive(profile, base, Usage::initiator_seal, Purpose::integrity, derived) && Mac(profile, derived).usable();
}

std::array<bool, kProfiles.size()> try_all() {
  std::array<bool, kProfiles.size()> result{};
  for (std::size_t i = 0; i < kProfiles.size(); ++i) result[i] = works(kProfiles[i]);
  return result;
}

}  // namespace

const Profile* find_profile(std::int32_t enctype) {
  static const std::array<bool, kProfiles.size()> kWorking = try_all();
  for (std::size_t i = 0; i < kProfiles.size(); ++i)
    if (kProfiles[i].enctype == enctype) return kWorking[i] ? &kProfiles[i] : nullptr;
  return nullptr;
}

}  // namespace sspid::worker::seal
