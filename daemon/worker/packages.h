// The security packages: one row each. Adding a package is adding a row.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <gssapi/gssapi.h>

namespace sspid::worker {

/// What a program sees as SecPkgInfo, and the GSS-API mechanism behind it. Rows live as long as the process.
struct Package {
  std::string_view name;
  std::string_view comment;
  std::uint32_t capabilities;  ///< SECPKG_FLAG_*
  std::uint16_t rpc_id;
  std::uint32_t max_token;
  gss_OID mechanism;
  bool negotiates;  ///< chooses among the others on the wire (SPNEGO)
};

/// The packages whose mechanism is installed, in the order in which they are shown.
[[nodiscard]] const std::vector<const Package*>& installed_packages();

/// By name, ASCII case ignored (E-010). Null: no such package.
[[nodiscard]] const Package* find_package(std::string_view name);

/// The package of the mechanism that a negotiation chose. Null: none of ours.
[[nodiscard]] const Package* package_of(gss_OID mechanism);

/// The Kerberos row: what Negotiate tries first.
[[nodiscard]] const Package& kerberos();

/// Whether a SEC_WINNT_AUTH_IDENTITY_EX PackageList lets Negotiate use `package`: "!ntlm" excludes, a list of plain
/// names admits only those. An empty list admits all.
[[nodiscard]] bool package_list_admits(std::string_view list, const Package& package);

}  // namespace sspid::worker
