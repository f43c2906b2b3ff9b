#include "daemon/worker/named_cache.h"

#include <cerrno>
#include <string_view>
#include <system_error>

#include "daemon/worker/ticket_cache.h"
#include "daemon/worker/worker.h"

namespace sspid::worker {

namespace {

Outcome not_opened(const NamedCache& cache) {
  if (cache.open_error == EACCES || cache.open_error == EPERM)
    return {SEC_E_NOT_OWNER, "Kerberos: the ticket cache " + cache.name + " may not be read"};
  return {SEC_E_NO_CREDENTIALS,
          "Kerberos: no ticket cache " + cache.name + ": " + std::generic_category().message(cache.open_error)};
}

Outcome not_shared(const NamedCache& cache, const std::string& why) {
  return {SEC_E_NOT_OWNER, "Kerberos: the ticket cache " + cache.name + ' ' + why};
}

}  // namespace

// A list of what is known to be shared: by any other name a client could reach into the memory of this process, where
// other sessions' tickets are, or have it open files.
std::string why_unshared(const std::string& name) {
  for (const std::string_view shared : {"KCM:", "KEYRING:persistent:", "KEYRING:user:"})
    if (name.starts_with(shared)) return {};
  if (name.starts_with("KEYRING:"))
    return "is in a keyring of the program's own session, process or thread, which sspid cannot reach: use "
           "KEYRING:persistent";
  return "is of a type that only the program itself can read: use FILE, DIR, KCM or KEYRING:persistent";
}

Outcome copy_tickets(Worker& worker, const NamedCache& cache, const std::string& principal,
                     std::shared_ptr<TicketCache>& tickets) {
  if (cache.file) return worker.caches->copy_file(cache.file, tickets);
  if (cache.name.empty()) return {SEC_E_NO_CREDENTIALS, "Kerberos: no ticket cache is named"};
  if (cache.open_error != 0) return not_opened(cache);
  if (const std::string why = why_unshared(cache.name); !why.empty()) return not_shared(cache, why);
  // KCM and the kernel ask who the worker is: they would give it the tickets of somebody else.
  if (!worker.settings.named_caches)
    return not_shared(cache, "can be read by its user only, as whom no worker of sspid runs here: use FILE or DIR");
  return TicketCache::copy_named(cache.name, principal, tickets);
}

}  // namespace sspid::worker
