// What policy allows one identity: made by the supervisor from the configuration, passed to the identity's worker as
// text (control::Grant) and obeyed there. A default one allows nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sspid {

/// A mechanism of GSS-API that the configuration makes a package.
struct Mechanism {
  std::string name;
  std::string oid;  ///< "1.3.6.1.5.2.5"
  std::string comment;
  bool operator==(const Mechanism&) const = default;
};

/// What one identity may use of the machine. 0 is no limit but the worker's own.
struct Quotas {
  std::uint32_t connections = 0;
  std::uint32_t contexts = 0;
  std::uint32_t memory_mib = 0;           ///< of the worker process
  std::uint32_t requests_per_second = 0;  ///< more wait, and whoever sends them with them
  bool operator==(const Quotas&) const = default;
};

struct Grant {
  using Names = std::vector<std::string>;

  std::string identity;           ///< "service web", "user 1000"
  std::string section;            ///< of the configuration: "services.web", "users"; empty: all of it
  std::optional<Names> packages;  ///< by name; none: whatever is installed
  std::vector<Mechanism> mechanisms;

  bool accept = false;
  Names withheld;  ///< principals of the keytab's file whose keys are not this identity's

  bool initiate = false;
  bool by_client_keytab = false;  ///< default credentials are a key's, not the caller's ticket cache
  std::string initiator;          ///< the principal of that key; empty: the keytab's first
  std::optional<Names> targets;   ///< "ldap/*"; none: any

  bool s4u2self = false;           ///< tickets in the name of users who never came
  std::optional<Names> s4u2proxy;  ///< targets in the name of clients that came; none: any
  std::optional<Names> forwarded;  ///< targets with tickets that clients handed over; none: any

  bool session_key = false;                      ///< SECPKG_ATTR_SESSION_KEY
  std::optional<std::string> ntlm_default_user;  ///< as in worker.h

  Quotas quotas;

  /// For who runs sspid themselves: all that GSS-API would do in their program.
  [[nodiscard]] static Grant everything() {
    Grant grant;
    grant.identity = "own user";
    grant.accept = grant.initiate = grant.s4u2self = grant.session_key = true;
    return grant;
  }

  /// The key of the configuration that settles `key` of this identity, for the log: "services.web.initiate.targets".
  [[nodiscard]] std::string rule(std::string_view key) const {
    return section.empty() ? std::string(key) : section + '.' + std::string(key);
  }

  /// What turned a connection of this identity away, likewise: its quota, or what a worker can have at all.
  [[nodiscard]] std::string rule_of_turned_away(bool by_quota) const {
    return by_quota ? rule("quotas.connections") : "connections of a worker";
  }

  bool operator==(const Grant&) const = default;
};

[[nodiscard]] std::string encode(const Grant& grant);

/// Nothing unless encode() may have made the text.
[[nodiscard]] std::optional<Grant> decode_grant(std::string_view text);

}  // namespace sspid
