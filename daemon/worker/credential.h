// What a CredHandle names: whose tickets, keys or password, for which package, and the GSS credentials made from them.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/keytab.h"
#include "daemon/worker/outcome.h"
#include "daemon/worker/packages.h"
#include "daemon/worker/secret.h"
#include "daemon/worker/ticket_cache.h"

namespace sspid::worker {

struct Worker;

/// SEC_WINNT_AUTH_IDENTITY as it came, its password in memory that is wiped.
struct PasswordIdentity {
  std::string user;
  std::string domain;
  Secret password;
};

/// What AcquireCredentialsHandle asks for.
struct CredentialRequest {
  const Package* package = nullptr;
  std::string principal;  ///< empty: the caller's own
  bool outbound = false;
  bool inbound = false;
  std::string package_list;                    ///< narrows Negotiate
  std::unique_ptr<PasswordIdentity> identity;  ///< null: tickets that are there already
  std::string cache_name;                      ///< the ticket cache, and…
  int cache_open_error = 0;                    ///< …why the client could not open it, or…
  proto::Descriptor cache_file;                ///< …its descriptor
};

/// How a GSS credential behaves in one initiation. MIT grants integrity and confidentiality also unasked; `no_ci` stops
/// it.
enum class Flavor { usual, no_ci };

/// Shared by the handle and by every context made from it, so it outlives the handle while they live. Any thread.
class Credential {
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
    std::vector<gss::Credential>* pool_ = nullptr;
    gss::Credential credential_;
  };

  /// Finds tickets and keys. Contacts no KDC: a password is tried by the first initiation (E-013).
  static Outcome acquire(Worker& worker, CredentialRequest request, std::shared_ptr<Credential>& credential);

  [[nodiscard]] const Package& package() const { return *request_.package; }
  [[nodiscard]] bool explicit_identity() const { return request_.identity != nullptr; }
  [[nodiscard]] std::int64_t expiry() const { return expiry_; }  ///< UTC seconds or kNever
  [[nodiscard]] bool can_initiate() const { return request_.outbound; }
  [[nodiscard]] bool can_accept() const { return request_.inbound; }

  /// For SECPKG_CRED_ATTR_NAMES: "user@REALM", or the identity as it was given while nobody has logged on with it.
  [[nodiscard]] std::string name() const;

  /// Whether initiating towards `target` may have to ask a KDC.
  [[nodiscard]] bool may_wait_for(const std::string& target) const;
  void note_ticket_for(const std::string& target, std::int64_t expiry);

  /// For one leg of InitializeSecurityContext. Logs on with the password if nobody has yet, and then blocks on the KDC.
  Outcome lease_initiator(Flavor flavor, Lease& lease);
  /// The same tickets under the bare Kerberos mechanism, to learn why a negotiation failed.
  Outcome kerberos_initiator(gss::Credential& credential) const;
  /// For one leg of AcceptSecurityContext.
  Outcome lease_acceptor(Lease& lease);

  explicit Credential(CredentialRequest request) : request_(std::move(request)) {}

 private:
  Outcome find_tickets(Worker& worker);
  Outcome find_keys(Worker& worker);
  Outcome log_on();
  Outcome make_initiator(gss_OID mechanism, gss::Credential& credential) const;
  Outcome make_acceptor(gss::Credential& credential) const;
  [[nodiscard]] bool admits_kerberos() const;
  [[nodiscard]] std::shared_ptr<TicketCache> tickets() const;
  bool take(std::vector<gss::Credential>& pool, Lease& lease);

  CredentialRequest request_;
  std::int64_t expiry_ = 0x7FFFFFFFFFFFFFFF;
  std::string acceptor_principal_;  // empty: any key
  std::shared_ptr<const Keys> keys_;

  std::mutex log_on_mutex_;   // held over a log-on, so that several first calls ask the KDC once
  mutable std::mutex mutex_;  // for what follows
  std::shared_ptr<TicketCache> tickets_;
  std::string name_;
  std::vector<gss::Credential> idle_initiators_[2];  // by Flavor
  std::vector<gss::Credential> idle_acceptors_;
};

}  // namespace sspid::worker
