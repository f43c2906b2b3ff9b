// What a program wants of AcquireCredentialsHandle and AddCredentials: the arguments that both have, checked and
// copied, and their place in a request.
#pragma once

#include <optional>
#include <string>

#include <sys/uio.h>

#include "client-lib/identity.h"
#include "client-lib/request.h"
#include "client-lib/ticket_cache.h"
#include "sspi.h"

namespace sspi {

class Session;

struct WantedCredential {
  std::optional<std::string> principal;
  std::string package;
  ULONG use = 0;
  std::optional<Identity> identity;

  /// Somebody's own tickets are used where nobody else is named.
  [[nodiscard]] bool uses_ticket_cache() const {
    const bool outbound = (use & (SECPKG_CRED_OUTBOUND | SECPKG_CRED_DEFAULT)) != 0;
    return outbound && (!identity || (identity->user.empty() && !identity->keytab));
  }

  /// The cache of the process' own tickets, where those are wanted.
  [[nodiscard]] TicketCache ticket_cache(const Session& session) const;

  /// The password or keytab: the payload of the request. Valid as long as this.
  [[nodiscard]] iovec secret() const;
};

/// SEC_E_OK, or the status by which to refuse the names.
[[nodiscard]] SECURITY_STATUS read_names(const SEC_WCHAR* principal, const SEC_WCHAR* package,
                                         WantedCredential& wanted);
[[nodiscard]] SECURITY_STATUS read_names(const SEC_CHAR* principal, const SEC_CHAR* package, WantedCredential& wanted);

[[nodiscard]] flatbuffers::Offset<proto::Identity> encode(TableBuilder& builder,
                                                          const std::optional<Identity>& identity);
[[nodiscard]] flatbuffers::Offset<proto::TicketCache> encode(TableBuilder& builder, const TicketCache& cache);

}  // namespace sspi
