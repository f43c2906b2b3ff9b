// An account of this system, as its user database has it now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace sspi {

struct LocalAccount {
  std::string name;
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;  ///< all of them, the primary one included; each once, ascending
};

/// Nothing: the database has no such account. It may be a server's; this waits for its answer.
[[nodiscard]] std::optional<LocalAccount> find_local_account(const std::string& name);

/// The lowest uid that a thread may be given: SSPI_MIN_IMPERSONATION_UID, else 1000, where accounts of people begin.
/// Never 0. A program with more rights than its caller (AT_SECURE) listens to no environment.
[[nodiscard]] uid_t lowest_impersonated_user();

}  // namespace sspi
