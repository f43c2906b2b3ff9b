// Who a peer may be: the one place where the supervisor decides it. Pure but for what it is told; one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "daemon/control.h"
#include "daemon/supervisor/configuration.h"

namespace sspid::supervisor {

/// On whose behalf a worker acts. All connections of one identity share a worker; no two identities ever do.
struct Identity {
  enum class Kind { own_uid, user, service };
  Kind kind = Kind::own_uid;
  std::string name{};  ///< of a service; of a user: its uid in digits

  /// "service web", "user 1000", for people and as a key.
  [[nodiscard]] std::string text() const;
  bool operator==(const Identity&) const = default;
};

/// Who connected, and where.
struct Claim {
  Peer peer;
  std::vector<gid_t> groups{};  ///< supplementary
  std::string service{};        ///< whose own socket it was; empty: everybody's
};

struct Verdict {
  std::optional<Identity> identity;  ///< none: not served
  std::string rule;                  ///< which part of the configuration decided, for the log: "services.web.match"
};

/// A socket of a service's own is for that service only. On everybody's, the first service that matches, in the order
/// of their names; then users. Without a policy only the user that runs sspid is served.
[[nodiscard]] Verdict judge(const Configuration& configuration, const Claim& claim, uid_t own_uid);

}  // namespace sspid::supervisor
