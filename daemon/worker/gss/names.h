// Names in and out: SSPI's target names to GSS names, identities to principals, principals to what programs see.
//
// Parsing is pure; import_target and principal_of read krb5.conf. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/outcome.h"

namespace sspid::worker::gss {

/// What a target name is, by its form alone.
enum class TargetKind {
  none,       ///< empty
  service,    ///< svc/host: the realm is found by configuration or referral
  principal,  ///< svc/host:port, svc/host/domain, anything with @REALM, user@REALM: taken as it stands
  account,    ///< DOMAIN\account or account$: means something to NTLM only
  malformed,  ///< an empty part, a control character
  too_long,   ///< above 1024 characters (E-122)
};

struct Target {
  TargetKind kind = TargetKind::none;
  std::string text;  ///< "svc@host" for services, the principal for principals
  bool has_realm = false;
  std::string host{};    ///< of a principal without realm: the host's name, without port
  std::string domain{};  ///< … and the third part of svc/host/domain
};

/// A host's letter case is lowered, as Windows compares it so (E-126).
[[nodiscard]] Target parse_target(std::string_view target);

/// SEC_E_TARGET_UNKNOWN where the name means nothing to Kerberos.
Outcome import_target(const std::string& target, Name& name);

/// The principal of SEC_WINNT_AUTH_IDENTITY's user and domain. "DOM\user" and "user@dom" in the user stand for a domain
/// where none is given. `default_realm` stands for no domain, for itself in any letter case, and for its first label
/// (the NetBIOS name); every other domain is a realm in capitals.
[[nodiscard]] std::string principal_in(std::string_view user, std::string_view domain, std::string_view default_realm);

/// The same with the realm of krb5.conf. Names that no account can have are SEC_E_LOGON_DENIED.
Outcome principal_of(const std::string& user, const std::string& domain, std::string& principal);

/// The two halves of "svc/host@REALM" as GSS displays it, freed of its escapes. An escaped @ is no separator. What no
/// string of the protocol can hold stays escaped: "\0", and as_utf8's "\xHH".
[[nodiscard]] std::string realm_of(std::string_view principal);
[[nodiscard]] std::string without_realm(std::string_view principal);

/// Who a principal is, in the parts of which Windows makes names of accounts.
struct Account {
  std::string name;    ///< "alice", "alice/admin"
  std::string realm;   ///< "EXAMPLE.TEST"
  std::string domain;  ///< its NetBIOS name: "EXAMPLE"
};

/// Of a principal as GSS displays it: its own escapes count, nothing is guessed. Nothing where the parts would be those
/// of another principal, too, since they can hold neither a NUL nor bytes that are no UTF-8 nor a slash that separates
/// nothing.
[[nodiscard]] std::optional<Account> account_of(std::string_view principal);

/// As Windows names domains where it has not DNS: the realm's first label, in capitals.
[[nodiscard]] std::string netbios_name(std::string_view realm);

}  // namespace sspid::worker::gss
