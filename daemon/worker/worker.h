// What all connections of one worker process share. A worker serves one identity only.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "daemon/grant.h"
#include "daemon/worker/outcome.h"
#include "proto/descriptor.h"

namespace sspid::worker {

class Exports;
class Sessions;
class Keytab;
class Metrics;
class Protection;
class ServiceTickets;
class TicketCaches;

namespace ntlm {
class Users;
class UserLines;
}  // namespace ntlm

struct Settings {
  std::uint8_t index = 0;       ///< names this worker in handles and session keys
  std::string default_cache{};  ///< told to clients that name no ticket cache
  std::string default_realm{};  ///< told to clients: of a principal without one
  bool named_caches = false;    ///< ticket caches that go by name (KCM, keyrings) are the clients', whose uid we have
  unsigned half_open_seconds = 300;  ///< an unfinished context that nobody touches is dropped after so long (E-186)
};

struct Worker {
  explicit Worker(Settings settings);
  ~Worker();

  /// What policy allows from now on; running contexts stay. Any thread.
  void replace_grant(Grant granted);
  [[nodiscard]] std::shared_ptr<const Grant> grant() const;

  /// Takes the keytab that the supervisor passed: a descriptor of the whole file, or none when there is none any more.
  /// Credentials acquired from now on use it; running contexts stay. Any thread.
  void replace_keytab(proto::Descriptor file);
  /// The same for the keytab to initiate with.
  void replace_client_keytab(proto::Descriptor file);

  /// The same for the file of NTLM's users.
  void replace_users(proto::Descriptor file);

  /// Whom NTLM authenticates as where no identity is given: the user of the users file that policy names or, where that
  /// is "*", `name`, else the first.
  Outcome ntlm_default_user(const std::string& name, std::shared_ptr<const ntlm::UserLines>& line) const;

  /// Drops half-open contexts that were idle for longer than the settings allow, and exported ones that nobody has
  /// imported in time. Call it now and then, from any thread.
  void drop_idle();

  /// Whether a client that is gone may come back for something.
  [[nodiscard]] bool keeps_something() const;

  const Settings settings;
  std::atomic<std::uint64_t> connections{0};  ///< that there ever were; the next one's number
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<Sessions> sessions;
  std::unique_ptr<Exports> exports;
  std::unique_ptr<Keytab> keytab;         ///< to accept with
  std::unique_ptr<Keytab> client_keytab;  ///< to initiate with
  std::unique_ptr<Protection> protection;
  std::unique_ptr<TicketCaches> caches;
  std::unique_ptr<ServiceTickets> service_tickets;
  std::unique_ptr<ntlm::Users> ntlm_users;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Grant> grant_;  ///< never null
};

/// The name of the default ticket cache as the environment and krb5.conf have it, with its type and whatever is to be
/// filled in by whose it is: "FILE:/tmp/krb5cc_%{uid}".
[[nodiscard]] std::string default_cache_name();

/// The realm of a principal without one, as krb5.conf has it. Empty: there is none.
[[nodiscard]] std::string default_realm_name();

}  // namespace sspid::worker
