// What AcquireCredentialsHandle asks for, freed of its wire form.
#pragma once

#include <memory>
#include <string>

#include "daemon/worker/packages.h"
#include "daemon/worker/secret.h"
#include "daemon/worker/ticket_cache.h"
#include "proto/descriptor.h"

namespace sspid::worker {

class Keys;

/// SEC_WINNT_AUTH_IDENTITY as it came, its password in memory that is wiped.
struct PasswordIdentity {
  std::string user;
  std::string domain;
  Secret password;
};

struct CredentialRequest {
  const Package* package = nullptr;
  std::string principal;  ///< empty: the caller's own
  bool outbound = false;
  bool inbound = false;
  bool for_client = false;   ///< the calling thread acts for a client: what it initiates without an identity is theirs
  std::string package_list;  ///< narrows Negotiate
  std::shared_ptr<const PasswordIdentity> identity;  ///< null: tickets that are there already, or…
  std::shared_ptr<const Keys> keys;                  ///< …keys that the caller gave, to log on and to accept with
  std::string cache_name;                            ///< the ticket cache, and…
  int cache_open_error = 0;                          ///< …why the client could not open it, or…
  proto::Descriptor cache_file;                      ///< …its descriptor; or else
  std::shared_ptr<TicketCache> tickets;              ///< those of a client or user for whom the caller acts
};

}  // namespace sspid::worker
