// What a CredHandle names: a package, for each of its mechanisms a source of tickets, keys or passwords, and the GSS
// credentials made from them.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/worker/credential_request.h"
#include "daemon/worker/gss/handle.h"
#include "daemon/worker/kerberos_source.h"
#include "daemon/worker/ntlm/source.h"
#include "daemon/worker/outcome.h"
#include "daemon/worker/packages.h"

namespace sspid::worker {

struct Worker;

/// How a GSS credential behaves in one initiation. MIT grants integrity and confidentiality also unasked; `no_ci` stops
/// it.
enum class Flavor { usual, no_ci };

/// What of its sources a Negotiate credential shows in one exchange. Other packages have no choice.
enum class Choice {
  kerberos,  ///< initiator: Kerberos first, then NTLM where there is some; acceptor: Kerberos alone
  ntlm,      ///< NTLM alone
  hint,      ///< acceptor that speaks first: all that it has
};

/// Shared by the handle and by every context made from it, so it outlives the handle while they live. Any thread.
class Credential {
  /// What a GSS credential is made from, tickets or keys: kept as long as it is there, and given up with what is newer.
  using Origin = std::shared_ptr<const void>;
  /// A GSS credential that nobody uses.
  struct Idle {
    Origin origin;
    gss::Credential credential;
  };

 public:
  /// A GSS credential for one leg, returned to its pool afterwards: MIT holds a credential's lock while it waits for
  /// the KDC, so no two legs ever share one.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) noexcept = default;
    ~Lease();
    [[nodiscard]] gss_cred_id_t get() const { return credential_.get(); }

   private:
    friend class Credential;
    Credential* owner_ = nullptr;
    std::vector<Idle>* pool_ = nullptr;
    Origin origin_;
    gss::Credential credential_;
  };

  /// Finds tickets, keys and users. Contacts no KDC: a password is tried by the first initiation (E-013).
  static Outcome acquire(Worker& worker, CredentialRequest request, std::shared_ptr<Credential>& credential);

  /// The credential that `old` becomes by AddCredentials: it initiates as the addition does where that can, and accepts
  /// with the keys of both. `old` stays what it is, for the contexts made from it.
  static Outcome join(const Credential& old, const Credential& addition, std::shared_ptr<Credential>& whole);
  /// Whether one handle named both, one after the other.
  [[nodiscard]] bool has_handle_of(const Credential& other) const { return lineage_ == other.lineage_; }

  [[nodiscard]] const Package& package() const { return *package_; }
  [[nodiscard]] const std::string& package_list() const { return package_list_; }
  /// Whether whoever initiates by Kerberos was named with a password, and does not just have tickets.
  [[nodiscard]] bool logs_on_explicitly() const { return logs_on_explicitly_; }
  [[nodiscard]] std::int64_t expiry() const { return expiry_; }  ///< UTC seconds or kNever
  [[nodiscard]] bool can_initiate() const { return outbound_; }
  [[nodiscard]] bool can_accept() const { return inbound_; }
  /// Whatever came of it.
  [[nodiscard]] bool asked_for_both() const { return asked_for_both_; }
  /// Whether it initiates in the name of a client or user for whom the caller acts.
  [[nodiscard]] bool is_of_client() const { return is_of_client_; }

  // Whether Negotiate may choose it, and has what it takes.
  [[nodiscard]] bool may_initiate(Choice choice) const;
  [[nodiscard]] bool may_accept(Choice choice) const;

  /// For SECPKG_CRED_ATTR_NAMES: "user@REALM" or "DOM\user", or the identity as it was given while nobody has logged on
  /// with it.
  [[nodiscard]] std::string name() const;

  /// Whether initiating towards `target` may have to ask a KDC.
  [[nodiscard]] bool may_wait_for(const std::string& target) const;
  void note_ticket_for(const std::string& target, std::int64_t expiry) { kerberos_.note_ticket_for(target, expiry); }

  /// For one leg of InitializeSecurityContext. Logs on with the password if nobody has yet, and then blocks on the KDC.
  Outcome lease_initiator(Choice choice, Flavor flavor, Lease& lease);
  /// The same tickets under the bare Kerberos mechanism, to learn why a negotiation failed.
  Outcome kerberos_initiator(gss::Credential& credential) const;
  /// KDC_PROXY_SETTINGS; null: none.
  void use_proxy(std::shared_ptr<const KdcProxy> proxy) { kerberos_.use_proxy(std::move(proxy)); }
  /// Before the first leg of InitializeSecurityContext, with a lease: gets what the mechanism cannot get itself.
  Outcome fetch_ticket(gss_name_t target) { return kerberos_.fetch_ticket(target); }
  /// For one leg of AcceptSecurityContext.
  Outcome lease_acceptor(Choice choice, Lease& lease);

  [[nodiscard]] const KerberosSource& kerberos_source() const { return kerberos_; }
  /// The tickets of whoever this credential is, also where its password or a key has to earn them from the KDC.
  Outcome find_own_tickets(Worker& worker, std::shared_ptr<TicketCache>& tickets);

  /// Without sources yet: acquire() fills them in.
  explicit Credential(const CredentialRequest& request);

 private:
  Outcome find_initiator(Worker& worker, CredentialRequest& request);
  Outcome find_tickets_or_log_on(Worker& worker, CredentialRequest& request);
  Outcome find_user(Worker& worker, const CredentialRequest& request);
  Outcome find_acceptor(Worker& worker, const CredentialRequest& request);
  Outcome find_users(Worker& worker);
  Outcome make_initiator(Choice choice, gss::Credential& credential) const;
  Outcome make_with_password(gss::Credential& credential) const;
  Outcome make_acceptor(Choice choice, const Keys* keys, gss::Credential& credential) const;
  Outcome acceptor_name(Choice choice, gss::Name& name) const;
  [[nodiscard]] bool admits(const Package& package) const;
  [[nodiscard]] bool uses_tickets(Choice choice) const;
  [[nodiscard]] bool uses_keys(Choice choice) const;
  bool take(std::vector<Idle>& pool, const Origin& origin, Lease& lease);

  std::shared_ptr<const int> lineage_ = std::make_shared<int>();  // shared by what one handle names
  const Package* const package_;
  const std::string package_list_;
  const std::shared_ptr<const PasswordIdentity> identity_;  // null: what was there already
  const bool asked_for_both_;
  const bool is_of_client_;
  bool outbound_;
  bool inbound_;
  std::int64_t expiry_ = 0x7FFFFFFFFFFFFFFF;

  KerberosSource kerberos_;
  bool logs_on_explicitly_;
  bool has_kerberos_ = false;  // tickets, or a way to earn them
  bool has_keys_ = false;
  ntlm::Source ntlm_;
  Outcome no_user_;  // why NTLM cannot authenticate as anybody

  std::mutex mutex_;                         // for what follows
  std::vector<Idle> idle_initiators_[2][2];  // by Choice and Flavor
  std::vector<Idle> idle_acceptors_[3];      // by Choice
};

}  // namespace sspid::worker
