// What a credential has of Kerberos: tickets to initiate with, or a way to earn them, and keys to accept with. It knows
// nothing of packages: Kerberos and Negotiate credentials hold the same source.
//
// Set up by one thread, before others see it; from then on any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "daemon/worker/credential_request.h"
#include "daemon/worker/gss/credential_store.h"
#include "daemon/worker/gss/handle.h"
#include "daemon/worker/kdc_proxy.h"
#include "daemon/worker/keytab.h"
#include "daemon/worker/log_on.h"
#include "daemon/worker/outcome.h"
#include "daemon/worker/ticket_cache.h"

namespace sspid::worker {

struct Worker;

class KerberosSource {
 public:
  // ---- Setting up ----

  /// Initiates with these tickets. With a `principal` only where they are that principal's.
  void use_tickets(std::shared_ptr<TicketCache> tickets, std::string principal = {});
  /// Initiates with tickets that the first initiation earns, for `principal` where that is known. Called once where it
  /// succeeds, else again by the next initiation.
  void use_log_on(LogOn log_on, std::string principal = {}) {
    log_on_ = std::move(log_on);
    logs_on_as_ = std::move(principal);
  }
  /// The same with tickets that are earned anew before they end.
  void use_renewed_log_on(LogOn log_on, std::string principal) {
    use_log_on(std::move(log_on), std::move(principal));
    renews_ = true;
  }
  /// Accepts with these keys: those of one principal, or any where none is named.
  void use_keys(std::shared_ptr<const Keys> keys, std::string principal);
  /// The same with whatever keys the keytab has each time that somebody is accepted. It outlives this.
  void use_keytab(const Keytab& keytab, std::string principal);
  /// Initiates as `other` does.
  void initiate_as(const KerberosSource& other);
  /// Accepts with the keys of both, which differ.
  Outcome accept_with(const KerberosSource& one, const KerberosSource& another);

  // ---- Initiating ----

  /// Makes sure that there are tickets; blocks on the KDC where they have to be earned.
  Outcome log_on();
  [[nodiscard]] std::shared_ptr<TicketCache> tickets() const;
  /// Whether the KDC decides for each target if it may be reached with these tickets, which are somebody else's.
  [[nodiscard]] bool acts_for_client() const;
  /// Adds where the tickets are. There are some, and `tickets` keeps them.
  void add_tickets(gss::CredentialStore& store, const TicketCache& tickets) const;
  /// Whose tickets were asked for; GSS_C_NO_NAME: whoever's they are.
  Outcome initiator_name(gss::Name& name) const;

  /// Whether initiating towards `target` may have to ask a KDC.
  [[nodiscard]] bool may_wait_for(const std::string& target) const;
  void note_ticket_for(const std::string& target, std::int64_t expiry);

  /// From now on KDCs are asked through this proxy; null: directly again. Any thread.
  void use_proxy(std::shared_ptr<const KdcProxy> proxy);
  [[nodiscard]] std::shared_ptr<const KdcProxy> proxy() const;
  /// Where KDCs are asked through a proxy, which the mechanism cannot do: makes sure that there is a ticket.
  Outcome fetch_ticket(gss_name_t target);

  // ---- Accepting ----

  /// SEC_E_NO_CREDENTIALS where there are none, or none any more.
  Outcome current_keys(std::shared_ptr<const Keys>& keys) const;
  /// Adds where the keys are. There are some, and `keys` keeps them.
  void add_keys(gss::CredentialStore& store, const Keys& keys) const;
  Outcome acceptor_name(gss::Name& name) const;

  /// Whom the tickets or keys belong to; empty while nobody has logged on, or where any key serves.
  [[nodiscard]] std::string principal() const;
  /// Where any key serves: whose the first is.
  [[nodiscard]] std::string some_principal() const;

 private:
  [[nodiscard]] bool is_good(const std::shared_ptr<TicketCache>& tickets) const;

  std::string initiator_;  // empty: whoever's the tickets are
  LogOn log_on_;
  std::string logs_on_as_;
  bool renews_ = false;
  const Keytab* keytab_ = nullptr;  // whose keys are meant; null: those beside it
  std::shared_ptr<const Keys> keys_;
  std::string acceptor_;  // empty: any key

  std::mutex log_on_mutex_;   // held over a log-on, so that several first calls ask the KDC once
  mutable std::mutex mutex_;  // for what follows
  std::shared_ptr<TicketCache> tickets_;
  std::shared_ptr<const KdcProxy> proxy_;
};

// ---- Where tickets and keys come from ----

/// The ticket cache that the client named or opened, or tickets that are there already.
Outcome find_tickets(Worker& worker, CredentialRequest& request, KerberosSource& source);

/// The keytab that the caller gave, else the one that the supervisor passed.
Outcome find_keys(Worker& worker, const CredentialRequest& request, KerberosSource& source);

/// A log-on with a key of the keytab that the supervisor passed: the named principal's, policy's, or the first.
/// SEC_E_NOT_OWNER where there is no key of the named one.
Outcome use_client_keytab(Worker& worker, const CredentialRequest& request, KerberosSource& source);

/// A log-on with a key that the caller gave: the named principal's, or the first.
Outcome use_key_log_on(const CredentialRequest& request, KerberosSource& source);

}  // namespace sspid::worker
