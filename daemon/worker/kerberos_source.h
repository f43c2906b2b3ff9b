// What a credential has of Kerberos: tickets to initiate with, or a way to earn them, and keys to accept with. It knows
// nothing of packages: Kerberos and Negotiate credentials hold the same source.
//
// Set up by one thread, before others see it; from then on any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "daemon/worker/credential_request.h"
#include "daemon/worker/gss/credential_store.h"
#include "daemon/worker/gss/handle.h"
#include "daemon/worker/keytab.h"
#include "daemon/worker/outcome.h"
#include "daemon/worker/ticket_cache.h"

namespace sspid::worker {

struct Worker;

class KerberosSource {
 public:
  /// Earns tickets; may block on a KDC. Called once where it succeeds, else again by the next initiation.
  using LogOn = std::function<Outcome(std::shared_ptr<TicketCache>& earned)>;

  // ---- Setting up ----

  /// Initiates with these tickets. With a `principal` only where they are that principal's.
  void use_tickets(std::shared_ptr<TicketCache> tickets, std::string principal = {});
  /// Initiates with tickets that the first initiation earns (E-013).
  void use_log_on(LogOn log_on) { log_on_ = std::move(log_on); }
  /// Accepts with these keys: those of one principal, or any where none is named.
  void use_keys(std::shared_ptr<const Keys> keys, std::string principal);

  // ---- Initiating ----

  /// Makes sure that there are tickets; blocks on the KDC where they have to be earned.
  Outcome log_on();
  [[nodiscard]] std::shared_ptr<TicketCache> tickets() const;
  /// Adds where the tickets are. There are some, and `tickets` keeps them.
  void add_tickets(gss::CredentialStore& store, const TicketCache& tickets) const;
  /// Whose tickets were asked for; GSS_C_NO_NAME: whoever's they are.
  Outcome initiator_name(gss::Name& name) const;

  /// Whether initiating towards `target` may have to ask a KDC.
  [[nodiscard]] bool may_wait_for(const std::string& target) const;
  void note_ticket_for(const std::string& target, std::int64_t expiry);

  // ---- Accepting ----

  void add_keys(gss::CredentialStore& store) const;
  Outcome acceptor_name(gss::Name& name) const;

  /// Whom the tickets or keys belong to; empty while nobody has logged on, or where any key serves.
  [[nodiscard]] std::string principal() const;
  /// Where any key serves: whose the first is.
  [[nodiscard]] std::string some_principal() const { return keys_ ? keys_->first_principal() : std::string(); }

 private:
  std::string initiator_;  // empty: whoever's the tickets are
  LogOn log_on_;
  std::shared_ptr<const Keys> keys_;
  std::string acceptor_;  // empty: any key

  std::mutex log_on_mutex_;   // held over a log-on, so that several first calls ask the KDC once
  mutable std::mutex mutex_;  // for what follows
  std::shared_ptr<TicketCache> tickets_;
};

// ---- Where tickets and keys come from ----

/// The ticket cache that the client named or opened.
Outcome find_tickets(Worker& worker, CredentialRequest& request, KerberosSource& source);

/// The keytab that the supervisor passed.
Outcome find_keys(Worker& worker, const std::string& principal, KerberosSource& source);

/// A log-on with user and password.
[[nodiscard]] KerberosSource::LogOn password_log_on(std::shared_ptr<const PasswordIdentity> identity);

}  // namespace sspid::worker
