// The security packages: one row each. Adding a package is adding a row. Which of them are offered, and which other
// mechanisms of GSS-API are packages too, the configuration says.
//
// Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gssapi/gssapi.h>

#include "daemon/grant.h"

namespace sspid::worker {

/// Whose rules hold for a package's names, credentials and messages.
enum class Family {
  negotiate,  ///< those of the package that is chosen
  kerberos,
  ntlm,
  other,  ///< what GSS-API promises of every mechanism
};

/// What a program sees as SecPkgInfo, and the GSS-API mechanism behind it. Rows live as long as the process.
struct Package {
  std::string_view name;
  std::string_view comment;
  std::uint32_t capabilities;  ///< SECPKG_FLAG_*
  std::uint16_t rpc_id;
  std::uint32_t max_token;
  gss_OID mechanism;
  bool negotiates;  ///< chooses among the others on the wire (SPNEGO)
  Family family;
};

/// What the configuration offers.
struct Offer {
  std::optional<std::vector<std::string>> packages;  ///< by name; none: Negotiate, Kerberos and NTLM
  std::vector<Mechanism> mechanisms;                 ///< offered where `packages` names them, or is none
};

/// What is offered from now on: packages whose mechanism is installed. What is missing, stands for nothing, or is
/// another mechanism than it was when this process first heard of it, is logged and left out.
void offer_packages(const Offer& offer);

/// The packages that are offered, in the order in which they are shown: Negotiate, Kerberos, NTLM, others. Without
/// offer_packages(): all three that are installed.
using Packages = std::vector<const Package*>;
[[nodiscard]] std::shared_ptr<const Packages> offered_packages();
/// Names that policy offers and whose mechanism is not installed.
[[nodiscard]] std::vector<std::string> missing_packages();
[[nodiscard]] bool is_offered(const Package& package);

/// By name, ASCII case ignored (E-010). Null: no such package.
[[nodiscard]] const Package* find_package(std::string_view name);

/// Whether there is one of that name, offered or not, and whether a list has it.
[[nodiscard]] bool is_known_package(std::string_view name);
[[nodiscard]] bool is_named(const std::vector<std::string>& packages, std::string_view name);

/// The package of the mechanism that a negotiation chose. Null: none of ours.
[[nodiscard]] const Package* package_of(gss_OID mechanism);

/// The Kerberos row: what Negotiate tries first.
[[nodiscard]] const Package& kerberos();
/// The NTLM row: what Negotiate tries then.
[[nodiscard]] const Package& ntlm_package();

/// Whether a SEC_WINNT_AUTH_IDENTITY_EX PackageList lets Negotiate use `package`: "!ntlm" excludes, a list of plain
/// names admits only those. An empty list admits all.
[[nodiscard]] bool package_list_admits(std::string_view list, const Package& package);

}  // namespace sspid::worker
