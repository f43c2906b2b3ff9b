// Who the client of a server's context is, as the daemon tells it, and which account of this system that is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client-lib/handles.h"
#include "client-lib/local_account.h"
#include "proto/sid.h"

namespace sspi {

struct ContextIdentity {
  std::string principal;
  std::string authority;
  bool identify_only = false;
  std::string account_name;             ///< as the daemon maps the principal; empty: to nobody
  std::optional<LocalAccount> account;  ///< nothing: this system has no such account
  std::string logon_name;               ///< the next three: of the ticket's PAC, empty without one
  std::string logon_domain;
  std::vector<proto::Sid> sids;  ///< the user's, its primary group's, then all others
  std::string user;              ///< the next three make names of accounts; empty where the client's name is none
  std::string realm;
  std::string domain;
};

/// The caller has the context in use. SEC_E_NO_IMPERSONATION: it is a client's.
[[nodiscard]] SECURITY_STATUS query_identity(const Context& context, ContextIdentity& identity);

}  // namespace sspi
