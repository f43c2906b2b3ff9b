// What AcquireCredentialsHandle and AddCredentials have in common: a request for tickets, keys or a password, freed of
// its wire form.
#pragma once

#include "daemon/worker/calls/calls.h"
#include "daemon/worker/credential_request.h"

namespace sspid::worker::calls {

/// The fields of either request.
struct WantedFields {
  template <class Request>
  explicit WantedFields(const Request& in)
      : principal(in.principal()), use(in.use()), identity(in.identity()), cache(in.cache()) {}

  const flatbuffers::String* principal;
  std::uint32_t use;
  const proto::Identity* identity;
  const proto::TicketCache* cache;
};

/// SEC_E_SECPKG_NOT_FOUND where there is none of this name.
Outcome find_named_package(const Grant& grant, const flatbuffers::String* name, const Package*& package);

/// Fills in the rest of `request`, whose package is there, as far as policy grants it. Takes the password or keytab and
/// the descriptor; the payload is the caller's to wipe.
Outcome read_wanted(Caller& caller, const WantedFields& fields, CredentialRequest& request);

}  // namespace sspid::worker::calls
