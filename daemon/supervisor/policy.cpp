#include "daemon/supervisor/policy.h"

#include <algorithm>

namespace sspid::supervisor {

namespace {

bool has_group(const Claim& claim, gid_t group) {
  return claim.peer.gid == group || std::find(claim.groups.begin(), claim.groups.end(), group) != claim.groups.end();
}

/// A text that the kernel could not tell is empty, and a condition never is.
bool matches(const Match& match, const Claim& claim) {
  if (match.uid && *match.uid != claim.peer.uid) return false;
  if (match.gid && !has_group(claim, *match.gid)) return false;
  if (match.unit && *match.unit != claim.peer.unit) return false;
  return !match.executable || *match.executable == claim.peer.executable;
}

Verdict admitted(Identity::Kind kind, std::string name, std::string rule) {
  return {Identity{kind, std::move(name)}, std::move(rule)};
}

Verdict judge_own_socket(const Configuration& configuration, const Claim& claim) {
  const std::string rule = "services." + claim.service;
  const auto service = configuration.services.find(claim.service);
  if (service == configuration.services.end()) return {std::nullopt, rule};
  if (service->second.match && !matches(*service->second.match, claim)) return {std::nullopt, rule + ".match"};
  return admitted(Identity::Kind::service, claim.service, rule + ".socket");
}

}  // namespace

std::string Identity::text() const {
  switch (kind) {
    case Kind::own_uid:
      return "own user";
    case Kind::user:
      return "user " + name;
    case Kind::service:
      return "service " + name;
  }
  return {};
}

Verdict judge(const Configuration& configuration, const Claim& claim, uid_t own_uid) {
  if (!configuration.has_policy) {
    if (claim.peer.uid != own_uid) return {std::nullopt, "without \"services\" or \"users\": own user only"};
    return admitted(Identity::Kind::own_uid, {}, "own user");
  }
  if (!claim.service.empty()) return judge_own_socket(configuration, claim);
  for (const auto& [name, service] : configuration.services)
    // A service that is told by its socket alone cannot be told here.
    if (service.match && (service.match->uid || service.match->gid) && matches(*service.match, claim))
      return admitted(Identity::Kind::service, name, "services." + name + ".match");
  if (!configuration.users) return {std::nullopt, "users.serve"};
  return admitted(Identity::Kind::user, std::to_string(claim.peer.uid), "users");
}

}  // namespace sspid::supervisor
