// Names in and out: SSPI's target names to GSS names, identities to principals, principals to what programs see.
#pragma once

#include <string>
#include <string_view>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/outcome.h"

namespace sspid::worker::gss {

/// What a target name is, by its form alone.
enum class TargetKind {
  none,       ///< empty
  service,    ///< svc/host: the realm is found by configuration or referral
  principal,  ///< everything else with a slash, and user@REALM: taken as it stands
  windows,    ///< DOMAIN\account or account$: means something to NTLM only
  too_long,   ///< above 1024 characters (E-122)
};

struct Target {
  TargetKind kind = TargetKind::none;
  std::string text;  ///< "svc@host" for services, the principal for principals
};

/// Pure: no look-up. A host's letter case is lowered, as Windows compares it so (E-126).
[[nodiscard]] Target parse_target(std::string_view target);

/// SEC_E_TARGET_UNKNOWN where the name means nothing to Kerberos.
Outcome import_target(const std::string& target, Name& name);

/// The principal of SEC_WINNT_AUTH_IDENTITY's user and domain; "DOM\user" in the user is split. `default_realm` stands for
/// an empty domain, for itself in any letter case, and for its first label (the NetBIOS name).
[[nodiscard]] std::string principal_in(std::string_view user, std::string_view domain, std::string_view default_realm);

/// The same with the realm of krb5.conf.
Outcome principal_of(const std::string& user, const std::string& domain, std::string& principal);

/// The two halves of "svc/host@REALM". An escaped @ is no separator.
[[nodiscard]] std::string_view realm_of(std::string_view principal);
[[nodiscard]] std::string_view without_realm(std::string_view principal);

}  // namespace sspid::worker::gss
