#include "daemon/worker/credential.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include "daemon/worker/gss/mechanisms.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/service_tickets.h"
#include "daemon/worker/worker.h"

namespace sspid::worker {

namespace {

gss_OID_set_desc only(gss_OID mechanism) { return {1, mechanism}; }

Outcome failure(OM_uint32 major, OM_uint32 minor, gss_OID mechanism) {
  return {gss::status_of(gss::Call::acquire, major, minor, {}), gss::describe(major, minor, mechanism)};
}

Outcome acquire_from(gss::CredentialStore& store, gss_name_t name, gss_OID_set mechanisms, gss_cred_usage_t usage,
                     gss::Credential& credential) {
  OM_uint32 minor = 0;
  const OM_uint32 major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, mechanisms, usage, store.get(),
                                                credential.out(), nullptr, nullptr);
  return GSS_ERROR(major) ? failure(major, minor, gss::krb5()) : Outcome{};
}

/// Kerberos is all that Negotiate may choose.
Outcome restrict_to_kerberos(gss::Credential& credential) {
  gss_OID_set_desc kerberos_only = only(gss::krb5());
  OM_uint32 minor = 0;
  const OM_uint32 major = gss_set_neg_mechs(&minor, credential.get(), &kerberos_only);
  return GSS_ERROR(major) ? failure(major, minor, gss::spnego()) : Outcome{};
}

Outcome stop_unasked_protection(gss::Credential& credential) {
  gss_buffer_desc empty = {0, nullptr};
  OM_uint32 minor = 0;
  const OM_uint32 major =
      gss_set_cred_option(&minor, credential.inout(), const_cast<gss_OID>(GSS_KRB5_CRED_NO_CI_FLAGS_X), &empty);
  return GSS_ERROR(major) ? failure(major, minor, gss::krb5()) : Outcome{};
}

}  // namespace

Credential::Credential(const CredentialRequest& request)
    : package_(request.package),
      package_list_(request.package_list),
      identity_(request.identity),
      asked_for_both_(request.outbound && request.inbound),
      outbound_(request.outbound),
      inbound_(request.inbound) {}

Credential::Lease::~Lease() {
  if (!owner_ || !credential_) return;
  const std::lock_guard lock(owner_->mutex_);
  pool_->push_back(std::move(credential_));
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
  const Credential& initiator = addition.outbound_ ? addition : old;
  CredentialRequest request;
  request.package = old.package_;
  request.package_list = old.package_list_;
  request.identity = initiator.identity_;
  request.outbound = old.outbound_ || addition.outbound_;
  request.inbound = old.inbound_ || addition.inbound_;
  auto joined = std::make_shared<Credential>(request);
  joined->lineage_ = old.lineage_;
  joined->expiry_ = initiator.expiry_;
  joined->kerberos_.initiate_as(initiator.kerberos_);
  joined->kerberos_.use_proxy(old.kerberos_.proxy());
  if (request.inbound)
    if (Outcome keys = joined->kerberos_.accept_with(old.kerberos_, addition.kerberos_); !keys.ok()) return keys;
  whole = std::move(joined);
  return {};
}

Outcome Credential::find_initiator(Worker& worker, CredentialRequest& request) {
  // A list that leaves no package shows in the first initiation, as a wrong password does (E-020).
  if (!admits_kerberos()) return {};
  if (request.keys) return use_key_log_on(request, kerberos_);
  if (identity_) {
    kerberos_.use_log_on(password_log_on(identity_));
    return {};
  }
  if (Outcome found = find_tickets(worker, request, kerberos_); !found.ok()) return found;
  Lease lease;
  if (Outcome made = lease_initiator(Flavor::usual, lease); !made.ok()) return made;
  expiry_ = kerberos_.tickets()->end();
  return {};
}

Outcome Credential::find_acceptor(Worker& worker, const CredentialRequest& request) {
  if (Outcome found = find_keys(worker, request, kerberos_); !found.ok()) return found;
  Lease lease;
  return lease_acceptor(lease);
}

Outcome Credential::find_own_tickets(Worker& worker, std::shared_ptr<TicketCache>& tickets) {
  if (outbound_) {
    Outcome logged_on = kerberos_.log_on();
    tickets = kerberos_.tickets();
    return logged_on;
  }
  const auto& keys = kerberos_.keys();
  if (!keys) return {SEC_E_NO_CREDENTIALS, "Kerberos: the credential has neither tickets nor keys"};
  const std::string principal = kerberos_.principal();
  return worker.service_tickets->find(principal.empty() ? keys->first_principal() : principal, keys, tickets);
}

std::string Credential::name() const {
  if (std::string principal = kerberos_.principal(); !principal.empty()) return principal;
  if (!identity_) return kerberos_.some_principal();
  return identity_->domain.empty() ? identity_->user : identity_->domain + "\\" + identity_->user;
}

bool Credential::take(std::vector<gss::Credential>& pool, Lease& lease) {
  lease.owner_ = this;
  lease.pool_ = &pool;
  const std::lock_guard lock(mutex_);
  if (pool.empty()) return false;
  lease.credential_ = std::move(pool.back());
  pool.pop_back();
  return true;
}

Outcome Credential::make_initiator(gss_OID mechanism, gss::Credential& credential) const {
  const auto tickets = kerberos_.tickets();
  if (!tickets) return {SEC_E_NO_CREDENTIALS, "Kerberos: no tickets"};
  gss::Name name;
  if (Outcome imported = kerberos_.initiator_name(name); !imported.ok()) return imported;
  gss::CredentialStore store;
  kerberos_.add_tickets(store, *tickets);
  gss_OID_set_desc mechanisms = only(mechanism);
  Outcome made = acquire_from(store, name.get(), &mechanisms, GSS_C_INITIATE, credential);
  if (made.ok() && gss::same_mechanism(mechanism, gss::spnego())) made = restrict_to_kerberos(credential);
  return made;
}

bool Credential::admits_kerberos() const {
  return !package().negotiates || package_list_admits(package_list_, kerberos());
}

Outcome Credential::lease_initiator(Flavor flavor, Lease& lease) {
  if (!admits_kerberos())
    return {SEC_E_NO_CREDENTIALS, "Negotiate: the package list \"" + package_list_ + "\" leaves no package"};
  if (Outcome logged_on = kerberos_.log_on(); !logged_on.ok()) return logged_on;
  if (take(idle_initiators_[static_cast<int>(flavor)], lease)) return {};
  Outcome made = make_initiator(package().mechanism, lease.credential_);
  if (made.ok() && flavor == Flavor::no_ci) made = stop_unasked_protection(lease.credential_);
  return made;
}

Outcome Credential::kerberos_initiator(gss::Credential& credential) const {
  return make_initiator(gss::krb5(), credential);
}

Outcome Credential::make_acceptor(gss::Credential& credential) const {
  gss::Name name;
  if (Outcome imported = kerberos_.acceptor_name(name); !imported.ok()) return imported;
  gss::CredentialStore store;
  kerberos_.add_keys(store);
  // Negotiate also takes raw Kerberos tokens (E-053), which needs the mechanism itself in the credential.
  gss_OID_desc both[2] = {*gss::krb5(), *gss::spnego()};
  gss_OID_set_desc mechanisms = {package().negotiates ? std::size_t{2} : std::size_t{1}, both};
  Outcome made = acquire_from(store, name.get(), &mechanisms, GSS_C_ACCEPT, credential);
  if (made.ok() && package().negotiates) made = restrict_to_kerberos(credential);
  return made;
}

Outcome Credential::lease_acceptor(Lease& lease) {
  if (take(idle_acceptors_, lease)) return {};
  return make_acceptor(lease.credential_);
}

}  // namespace sspid::worker
