#include "daemon/worker/credential.h"

#include <array>

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include "daemon/worker/gss/mechanisms.h"
#include "daemon/worker/gss/names.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/ntlm/host.h"
#include "daemon/worker/service_tickets.h"
#include "daemon/worker/text.h"
#include "daemon/worker/worker.h"

namespace sspid::worker {

namespace {

/// A set of few mechanisms, for a call.
class Mechanisms {
 public:
  void add(gss_OID mechanism) { list_[set_.count++] = *mechanism; }
  [[nodiscard]] gss_OID_set get() {
    set_.elements = list_.data();
    return &set_;
  }
  [[nodiscard]] gss_OID first() { return list_.data(); }

 private:
  std::array<gss_OID_desc, 4> list_{};
  gss_OID_set_desc set_{};
};

Outcome failure(OM_uint32 major, OM_uint32 minor, gss_OID mechanism) {
  return {gss::status_of(gss::Call::acquire, major, minor, {}), gss::describe(major, minor, mechanism)};
}

Outcome acquire_from(gss::CredentialStore& store, gss_name_t name, Mechanisms& mechanisms, gss_cred_usage_t usage,
                     gss::Credential& credential) {
  OM_uint32 minor = 0;
  const OM_uint32 major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, mechanisms.get(), usage, store.get(),
                                                credential.out(), nullptr, nullptr);
  return GSS_ERROR(major) ? failure(major, minor, mechanisms.first()) : Outcome{};
}

/// What Negotiate may choose, in this order.
Outcome restrict_to(Mechanisms& mechanisms, gss::Credential& credential) {
  OM_uint32 minor = 0;
  const OM_uint32 major = gss_set_neg_mechs(&minor, credential.get(), mechanisms.get());
  return GSS_ERROR(major) ? failure(major, minor, gss::spnego()) : Outcome{};
}

Outcome stop_unasked_protection(gss::Credential& credential) {
  gss_buffer_desc empty = {0, nullptr};
  OM_uint32 minor = 0;
  const OM_uint32 major =
      gss_set_cred_option(&minor, credential.inout(), const_cast<gss_OID>(GSS_KRB5_CRED_NO_CI_FLAGS_X), &empty);
  return GSS_ERROR(major) ? failure(major, minor, gss::krb5()) : Outcome{};
}

constexpr std::size_t index(Choice choice) { return static_cast<std::size_t>(choice); }
constexpr std::size_t index(Flavor flavor) { return static_cast<std::size_t>(flavor); }

}  // namespace

Credential::Credential(const CredentialRequest& request)
    : package_(request.package),
      package_list_(request.package_list),
      identity_(request.identity),
      asked_for_both_(request.outbound && request.inbound),
      is_of_client_(request.tickets != nullptr),
      outbound_(request.outbound),
      inbound_(request.inbound),
      logs_on_explicitly_(request.identity != nullptr) {}

Credential::Lease::~Lease() {
  if (!owner_ || !credential_) return;
  const std::lock_guard lock(owner_->mutex_);
  pool_->push_back({std::move(origin_), std::move(credential_)});
}

Outcome Credential::acquire(Worker& worker, CredentialRequest request, std::shared_ptr<Credential>& credential) {
  auto acquired = std::make_shared<Credential>(request);
  Outcome initiator, acceptor;
  if (request.outbound) initiator = acquired->find_initiator(worker, request);
  if (request.inbound) acceptor = acquired->find_acceptor(worker, request);
  // A credential for both directions is good for the one for which there is something.
  const bool both = request.outbound && request.inbound;
  const bool usable = both ? initiator.ok() || acceptor.ok() : initiator.ok() && acceptor.ok();
  if (!usable) return initiator.ok() ? acceptor : initiator;
  if (!initiator.ok()) acquired->outbound_ = false;
  if (!acceptor.ok()) acquired->inbound_ = false;
  credential = std::move(acquired);
  return {};
}

Outcome Credential::join(const Credential& old, const Credential& addition, std::shared_ptr<Credential>& whole) {
  // Negotiate keeps the part of a package to which nothing was added.
  const auto initiator = [&](const Package& part) -> const Credential& {
    return addition.outbound_ && (!old.package_->negotiates || addition.admits(part)) ? addition : old;
  };
  const Credential& tickets = initiator(kerberos());
  const Credential& user = initiator(ntlm_package());
  CredentialRequest request;
  request.package = old.package_;
  request.package_list = old.package_list_;
  request.identity = addition.outbound_ ? addition.identity_ : old.identity_;
  request.outbound = old.outbound_ || addition.outbound_;
  request.inbound = old.inbound_ || addition.inbound_;
  auto joined = std::make_shared<Credential>(request);
  joined->lineage_ = old.lineage_;
  joined->expiry_ = tickets.expiry_;
  joined->logs_on_explicitly_ = tickets.logs_on_explicitly_;  // an NTLM identity says nothing of tickets beside it
  joined->kerberos_.initiate_as(tickets.kerberos_);
  joined->has_kerberos_ = tickets.has_kerberos_;
  joined->ntlm_.initiate_as(user.ntlm_);
  joined->no_user_ = user.no_user_;
  joined->kerberos_.use_proxy(old.kerberos_.proxy());
  if (request.inbound) {
    if (Outcome keys = joined->kerberos_.accept_with(old.kerberos_, addition.kerberos_); !keys.ok()) return keys;
    joined->has_keys_ = old.has_keys_ || addition.has_keys_;
    // Of two sets of NTLM's users the added one counts.
    joined->ntlm_.accept_as(addition.ntlm_.can_accept() ? addition.ntlm_ : old.ntlm_);
  }
  whole = std::move(joined);
  return {};
}

// ---- Sources to initiate with ----

Outcome Credential::find_initiator(Worker& worker, CredentialRequest& request) {
  no_user_ = admits(ntlm_package()) ? find_user(worker, request) : Outcome{SEC_E_NO_CREDENTIALS, "NTLM is not offered"};
  if (package_->family == Family::ntlm) return identity_ ? Outcome{} : no_user_;
  // A list that leaves no package shows in the first initiation, as a wrong password does (E-020).
  if (package_->negotiates && !admits(kerberos())) return {};
  Outcome found = find_tickets_or_log_on(worker, request);
  has_kerberos_ = found.ok();
  // Who has no tickets may still have an NTLM user; some mechanisms know where to look themselves.
  const bool is_enough = package_->family == Family::other || (package_->negotiates && ntlm_.can_initiate());
  return found.status == SEC_E_NO_CREDENTIALS && is_enough ? Outcome{} : found;
}

Outcome Credential::find_tickets_or_log_on(Worker& worker, CredentialRequest& request) {
  if (request.keys) return use_key_log_on(request, kerberos_);
  if (!identity_ && !request.tickets && worker.grant()->by_client_keytab)
    return use_client_keytab(worker, request, kerberos_);
  if (identity_) {
    kerberos_.use_log_on(password_log_on(identity_));
    return {};
  }
  if (Outcome found = find_tickets(worker, request, kerberos_); !found.ok()) return found;
  if (package_->family == Family::other) return {};
  if (package_->negotiates && !request.principal.empty()) {
    gss::Credential tried;
    if (Outcome made = kerberos_initiator(tried); !made.ok()) return made;
  }
  has_kerberos_ = true;
  Lease lease;
  if (Outcome made = lease_initiator(Choice::kerberos, Flavor::usual, lease); !made.ok()) return made;
  expiry_ = kerberos_.tickets()->end();
  return {};
}

Outcome Credential::find_user(Worker& worker, const CredentialRequest& request) {
  std::shared_ptr<const ntlm::UserLines> line;
  Outcome found;
  if (request.tickets)
    found = {SEC_E_NO_CREDENTIALS, "NTLM: there is no password of whom the caller acts for"};
  else if (!identity_)
    found = worker.ntlm_default_user(request.principal, line);
  else if (package_->negotiates && identity_->password.empty())
    found = {SEC_E_LOGON_DENIED, "Negotiate: the password is empty"};  // E-190
  else
    found = ntlm::UserLines::of_identity(*identity_, line);
  if (found.ok()) ntlm_.use_user(std::move(line));
  return found;
}

// ---- Sources to accept with ----

Outcome Credential::find_acceptor(Worker& worker, const CredentialRequest& request) {
  const bool wants_ntlm = admits(ntlm_package());
  Outcome users = wants_ntlm ? find_users(worker) : Outcome{SEC_E_NO_CREDENTIALS, "NTLM is not offered"};
  if (package_->family == Family::ntlm) return users;
  if (package_->negotiates && !admits(kerberos())) return users;
  Outcome keys = find_keys(worker, request, kerberos_);
  has_keys_ = keys.ok();
  if (has_keys_ && package_->family != Family::other) {
    Lease lease;
    keys = lease_acceptor(Choice::kerberos, lease);
    has_keys_ = keys.ok();
  }
  const bool is_enough = package_->family == Family::other || (package_->negotiates && users.ok());
  return is_enough ? Outcome{} : keys;
}

Outcome Credential::find_users(Worker& worker) {
  std::shared_ptr<const ntlm::UserLines> lines;
  if (identity_) {
    // Whoever knows this user's password gets in, and nobody else.
    if (Outcome made = ntlm::UserLines::of_identity(*identity_, lines); !made.ok()) return made;
  } else if (lines = worker.ntlm_users->current(); !lines) {
    return {SEC_E_NO_CREDENTIALS, "NTLM: there is no users file to verify against"};
  }
  ntlm_.use_users(std::move(lines));
  return {};
}

// ---- What it can do ----

/// Whether this package is, or may choose, `package`.
bool Credential::admits(const Package& package) const {
  if (package_ == &package) return true;
  return package_->negotiates && is_offered(package) && package_list_admits(package_list_, package);
}

bool Credential::may_initiate(Choice choice) const {
  return choice == Choice::ntlm ? ntlm_.can_initiate() : has_kerberos_;
}

bool Credential::may_accept(Choice choice) const {
  if (choice == Choice::hint) return has_keys_ || ntlm_.can_accept();
  return choice == Choice::ntlm ? ntlm_.can_accept() : has_keys_;
}

Outcome Credential::find_own_tickets(Worker& worker, std::shared_ptr<TicketCache>& tickets) {
  if (outbound_) {
    Outcome logged_on = kerberos_.log_on();
    tickets = kerberos_.tickets();
    return logged_on;
  }
  std::shared_ptr<const Keys> keys;
  if (Outcome found = kerberos_.current_keys(keys); !found.ok()) return found;
  const std::string principal = kerberos_.principal();
  return worker.service_tickets->find(principal.empty() ? keys->first_principal() : principal, keys, tickets);
}

std::string Credential::name() const {
  if (std::string principal = kerberos_.principal(); !principal.empty()) return as_utf8(principal);
  if (std::string user = ntlm_.user(); !user.empty()) return user;
  if (identity_) return ntlm::qualified(identity_->domain, identity_->user);
  if (std::string principal = kerberos_.some_principal(); !principal.empty()) return as_utf8(principal);
  return ntlm_.can_accept() ? ntlm::this_host() : std::string();
}

bool Credential::may_wait_for(const std::string& target) const {
  switch (package_->family) {
    case Family::ntlm:
      return false;
    case Family::other:
      return true;
    default:
      return kerberos_.may_wait_for(target);
  }
}

// ---- GSS credentials from the sources ----

/// Those made from tickets that were renewed since, or from keys that were replaced, are no more use.
bool Credential::take(std::vector<Idle>& pool, const Origin& origin, Lease& lease) {
  lease.owner_ = this;
  lease.pool_ = &pool;
  lease.origin_ = origin;
  std::vector<Idle> outdated;  // let go of without the lock
  const std::lock_guard lock(mutex_);
  while (!pool.empty()) {
    Idle idle = std::move(pool.back());
    pool.pop_back();
    if (idle.origin == origin) {
      lease.credential_ = std::move(idle.credential);
      return true;
    }
    outdated.push_back(std::move(idle));
  }
  return false;
}

bool Credential::uses_tickets(Choice choice) const {
  return package_->family == Family::kerberos || (package_->negotiates && choice != Choice::ntlm);
}

bool Credential::uses_keys(Choice choice) const {
  return has_keys_ && choice != Choice::ntlm && package_->family != Family::ntlm;
}

Outcome Credential::make_initiator(Choice choice, gss::Credential& credential) const {
  if (package_->family == Family::other && identity_) return make_with_password(credential);
  const bool uses_user = ntlm_.can_initiate() && (package_->negotiates || package_->family == Family::ntlm);
  gss::CredentialStore store;
  Mechanisms package, choices;
  package.add(package_->mechanism);
  const auto tickets = choice == Choice::ntlm || package_->family == Family::ntlm ? nullptr : kerberos_.tickets();
  if (tickets) {
    kerberos_.add_tickets(store, *tickets);
    choices.add(gss::krb5());
  }
  // MIT's SPNEGO acquires for every mechanism there is: without a cache to look into, Kerberos would take the
  // process's.
  if (!tickets && package_->negotiates) store.add("ccache", "MEMORY:sspid-none");
  if (uses_user) {
    ntlm_.add_user(store);
    choices.add(gss::ntlm());
  }
  // Negotiate gives no name: mechanisms want different ones, the sources hold one user each, and whose the tickets are
  // was looked at when they were found.
  gss::Name name;
  if (package_->family == Family::kerberos)
    if (Outcome imported = kerberos_.initiator_name(name); !imported.ok()) return imported;
  Outcome made = acquire_from(store, name.get(), package, GSS_C_INITIATE, credential);
  if (made.ok() && package_->negotiates) made = restrict_to(choices, credential);
  return made;
}

/// As any mechanism takes a password.
Outcome Credential::make_with_password(gss::Credential& credential) const {
  if (identity_->user.empty() || identity_->password.empty())
    return {SEC_E_LOGON_DENIED, "user name or password is empty"};
  const std::string user = identity_->domain.empty() ? identity_->user : identity_->user + '@' + identity_->domain;
  OM_uint32 minor = 0;
  gss::Name name;
  gss_buffer_desc text = gss::borrow(user);
  OM_uint32 major = gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, name.out());
  if (GSS_ERROR(major)) return failure(major, minor, package_->mechanism);
  gss_buffer_desc password = gss::borrow(identity_->password.view());
  Mechanisms mechanisms;
  mechanisms.add(package_->mechanism);
  major = gss_acquire_cred_with_password(&minor, name.get(), &password, GSS_C_INDEFINITE, mechanisms.get(),
                                         GSS_C_INITIATE, credential.out(), nullptr, nullptr);
  return GSS_ERROR(major) ? failure(major, minor, package_->mechanism) : Outcome{};
}

Outcome Credential::lease_initiator(Choice choice, Flavor flavor, Lease& lease) {
  if (package_->family == Family::ntlm && !ntlm_.can_initiate()) return no_user_;
  if (package_->negotiates && !may_initiate(choice)) {
    if (choice == Choice::ntlm && no_user_.status == SEC_E_LOGON_DENIED) return no_user_;
    return {SEC_E_NO_CREDENTIALS, "Negotiate: no package is left" +
                                      (package_list_.empty() ? "" : " by the package list \"" + package_list_ + '"')};
  }
  if (uses_tickets(choice))
    if (Outcome logged_on = kerberos_.log_on(); !logged_on.ok()) return logged_on;
  if (take(idle_initiators_[index(choice)][index(flavor)], kerberos_.tickets(), lease)) return {};
  Outcome made = make_initiator(choice, lease.credential_);
  // The option is Kerberos' own: a credential that has NTLM alone refuses it.
  if (made.ok() && flavor == Flavor::no_ci && uses_tickets(choice)) made = stop_unasked_protection(lease.credential_);
  return made;
}

Outcome Credential::kerberos_initiator(gss::Credential& credential) const {
  const auto tickets = kerberos_.tickets();
  if (!tickets) return {SEC_E_NO_CREDENTIALS, "Kerberos: no tickets"};
  gss::Name name;
  if (Outcome imported = kerberos_.initiator_name(name); !imported.ok()) return imported;
  gss::CredentialStore store;
  kerberos_.add_tickets(store, *tickets);
  Mechanisms mechanisms;
  mechanisms.add(gss::krb5());
  return acquire_from(store, name.get(), mechanisms, GSS_C_INITIATE, credential);
}

/// One credential has one name for all of its mechanisms, and they want different ones: Kerberos none where any key
/// serves, NTLM one in any case. So one that shows both has the name of some key.
Outcome Credential::acceptor_name(Choice choice, gss::Name& name) const {
  if (package_->family == Family::ntlm || choice == Choice::ntlm) return ntlm::server_name({}, name);
  if (choice == Choice::hint && ntlm_.can_accept())
    return ntlm::server_name(gss::without_realm(kerberos_.some_principal()), name);
  return kerberos_.acceptor_name(name);
}

Outcome Credential::make_acceptor(Choice choice, const Keys* keys, gss::Credential& credential) const {
  gss::Name name;
  if (Outcome named = acceptor_name(choice, name); !named.ok()) return named;
  gss::CredentialStore store;
  Mechanisms mechanisms, choices;
  mechanisms.add(package_->mechanism);
  // Negotiate also takes raw tokens of its packages (E-053), which needs the mechanisms themselves in the credential.
  if (keys) {
    kerberos_.add_keys(store, *keys);
    choices.add(gss::krb5());
    if (package_->negotiates) mechanisms.add(gss::krb5());
  }
  if (ntlm_.can_accept() && (choice != Choice::kerberos || package_->family == Family::ntlm)) {
    ntlm_.add_users(store);
    choices.add(gss::ntlm());
    if (package_->negotiates) mechanisms.add(gss::ntlm());
  }
  Outcome made = acquire_from(store, name.get(), mechanisms, GSS_C_ACCEPT, credential);
  if (made.ok() && package_->negotiates) made = restrict_to(choices, credential);
  return made;
}

Outcome Credential::lease_acceptor(Choice choice, Lease& lease) {
  std::shared_ptr<const Keys> keys;
  if (uses_keys(choice))
    if (Outcome found = kerberos_.current_keys(keys); !found.ok()) return found;
  if (take(idle_acceptors_[index(choice)], keys, lease)) return {};
  return make_acceptor(choice, keys.get(), lease.credential_);
}

}  // namespace sspid::worker
