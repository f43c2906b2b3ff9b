// Tickets in this worker's memory: copies of a user's cache, or what a password or key earned. The user's own cache is
// read and never written.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include <gssapi/gssapi.h>
#include <sys/stat.h>

#include "daemon/worker/gss/krb5_handle.h"
#include "daemon/worker/outcome.h"
#include "proto/descriptor.h"

namespace sspid::worker {

class ClientTicket;
class KdcProxy;
class Keys;

/// One MEMORY cache. GSS credentials resolve it by name(), so it must outlive them. Any thread.
class TicketCache {
 public:
  /// Copies the cache that `name` gives (KCM:, KEYRING:…) as far as this process may read it. With a `principal` the
  /// cache of a collection that holds it. Blocks as long as whoever keeps it takes.
  static Outcome copy_named(const std::string& name, const std::string& principal, std::shared_ptr<TicketCache>& cache);

  /// Copies the FILE cache behind `file`, whatever its path and permissions are for this process.
  static Outcome copy_file(const proto::Descriptor& file, std::shared_ptr<TicketCache>& cache);

  /// Asks the KDC for a ticket-granting ticket, as `ask` says how and directly where there is no `proxy`. Blocks as
  /// long as the KDC takes.
  using Ask = std::function<krb5_error_code(krb5_context, krb5_creds* ticket, krb5_principal client)>;
  static Outcome earn(const std::string& principal, const KdcProxy* proxy, const Ask& ask,
                      std::shared_ptr<TicketCache>& cache);

  /// Asks the KDC for a ticket-granting ticket with the principal's key. Blocks as long as the KDC takes.
  static Outcome from_keys(const std::string& principal, const Keys& keys, std::shared_ptr<TicketCache>& cache);

  /// Copies what is behind a GSS credential: tickets that a client forwarded, or what S4U2Self gave.
  static Outcome from_credential(gss_cred_id_t credential, std::shared_ptr<TicketCache>& cache);

  /// With which a service acts for the client that sent it `ticket` (S4U2Proxy): that ticket and the service's own.
  static Outcome for_client(const ClientTicket& ticket, const TicketCache& service,
                            std::shared_ptr<TicketCache>& cache);

  ~TicketCache();

  [[nodiscard]] const std::string& name() const { return name_; }  ///< "MEMORY:…"

  /// Whose tickets these are, "alice@EXAMPLE.TEST".
  [[nodiscard]] const std::string& owner() const { return owner_; }
  /// When the ticket-granting ticket ends, or without one the first ticket (UTC seconds). 0 without tickets.
  [[nodiscard]] std::int64_t end() const { return end_; }

  /// Whether a service got these in somebody else's name, so that the KDC decides towards whom they are good.
  [[nodiscard]] bool acts_for_client() const { return acts_for_client_; }

  /// Whether a ticket for `target` is known to be here and valid, so that no KDC will be asked.
  [[nodiscard]] bool holds_ticket_for(const std::string& target) const;
  /// Remembers that one is, until `expiry` (UTC seconds).
  void note_ticket_for(const std::string& target, std::int64_t expiry);

 private:
  TicketCache();
  Outcome open(const KdcProxy* proxy = nullptr);
  Outcome copy_from(krb5_ccache source);
  krb5_error_code learn(krb5_const_principal owner);
  Outcome failure(krb5_error_code code, const char* doing) const;

  const std::string name_;
  gss::Krb5Context context_;
  gss::OwnCache cache_;
  std::string owner_;
  std::int64_t end_ = 0;
  bool acts_for_client_ = false;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::int64_t> tickets_;  // target -> end, under mutex_
};

/// The copies of FILE caches that were used last, so that a program that acquires for every connection copies once and
/// keeps the service tickets it earned. A file that changed (kinit, kdestroy) is another file. Any thread.
class TicketCaches {
 public:
  Outcome copy_file(const proto::Descriptor& file, std::shared_ptr<TicketCache>& cache);

 private:
  static constexpr std::size_t kKept = 16;

  struct Version {  // of a file's content
    dev_t device;
    ino_t inode;
    off_t size;
    timespec modified, changed;
  };
  static bool same(const Version& a, const Version& b);

  std::mutex mutex_;
  std::list<std::pair<Version, std::shared_ptr<TicketCache>>> kept_;  // last used first
};

}  // namespace sspid::worker
