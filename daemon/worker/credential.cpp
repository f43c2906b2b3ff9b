#include "daemon/worker/credential.h"

#include <cerrno>
#include <cstring>

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <spdlog/spdlog.h>

#include "daemon/worker/gss/mechanisms.h"
#include "daemon/worker/gss/names.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/worker.h"

namespace sspid::worker {

namespace {

gss_OID_set_desc only(gss_OID mechanism) { return {1, mechanism}; }

Outcome failure(OM_uint32 major, OM_uint32 minor, gss_OID mechanism) {
  return {gss::status_of(gss::Call::acquire, major, minor, {}), gss::describe(major, minor, mechanism)};
}

Outcome import_principal(const std::string& text, gss::Name& name) {
  if (text.empty()) return {};
  OM_uint32 minor = 0;
  gss_buffer_desc buffer = gss::borrow(text);
  const OM_uint32 major = gss_import_name(&minor, &buffer, GSS_KRB5_NT_PRINCIPAL_NAME, name.out());
  return GSS_ERROR(major) ? failure(major, minor, gss::krb5()) : Outcome{};
}

/// gss_acquire_cred_from with one entry in the credential store.
Outcome acquire_from_store(gss_name_t name, gss_OID_set mechanisms, gss_cred_usage_t usage, const char* key,
                           const std::string& value, gss::Credential& credential) {
  gss_key_value_element_desc element = {key, value.c_str()};
  const gss_key_value_set_desc store = {1, &element};
  OM_uint32 minor = 0;
  const OM_uint32 major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, mechanisms, usage, &store,
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

Credential::Lease::~Lease() {
  if (!owner_ || !credential_) return;
  const std::lock_guard lock(owner_->mutex_);
  pool_->push_back(std::move(credential_));
}

Outcome Credential::acquire(Worker& worker, CredentialRequest request, std::shared_ptr<Credential>& credential) {
  const bool both = request.outbound && request.inbound;
  auto acquired = std::make_shared<Credential>(std::move(request));
  Outcome tickets, keys;
  if (acquired->request_.outbound) tickets = acquired->find_tickets(worker);
  if (acquired->request_.inbound) keys = acquired->find_keys(worker);
  // A credential for both directions is good for the one for which there is something.
  const bool usable = both ? tickets.ok() || keys.ok() : tickets.ok() && keys.ok();
  if (!usable) return tickets.ok() ? keys : tickets;
  if (!tickets.ok()) acquired->request_.outbound = false;
  if (!keys.ok()) acquired->request_.inbound = false;
  credential = std::move(acquired);
  return {};
}

Outcome Credential::find_tickets(Worker& worker) {
  // A password is tried by the first initiation (E-013), and a list that leaves no package shows there too (E-020).
  if (request_.identity || !admits_kerberos()) return {};
  Outcome found;
  if (request_.cache_file)
    found = worker.caches->copy_file(request_.cache_file, tickets_);
  else if (request_.cache_open_error == EACCES)
    found = {SEC_E_NOT_OWNER, "Kerberos: the ticket cache " + request_.cache_name + " may not be read"};
  else if (request_.cache_open_error != 0 || request_.cache_name.empty())
    found = {SEC_E_NO_CREDENTIALS, "Kerberos: no ticket cache " + request_.cache_name};
  else
    found = TicketCache::copy_named(request_.cache_name, request_.principal, tickets_);
  request_.cache_file.reset();
  if (!found.ok()) return found;

  Lease lease;
  if (Outcome made = lease_initiator(Flavor::usual, lease); !made.ok()) return made;
  name_ = tickets_->owner();
  expiry_ = tickets_->end();
  return {};
}

Outcome Credential::find_keys(Worker& worker) {
  if (Outcome current = worker.keytab->current(keys_); !current.ok()) return current;
  // A principal that the keytab lacks by that spelling is a hint only (E-022). Asked here and not by acquiring, where
  // MIT 1.20 leaks a name for each one that it does not find.
  if (request_.principal.empty() || keys_->holds(request_.principal))
    acceptor_principal_ = request_.principal;
  else
    spdlog::info("keytab: no key of {}; any key serves", request_.principal);
  Lease lease;
  return lease_acceptor(lease);
}

std::string Credential::name() const {
  const std::lock_guard lock(mutex_);
  if (!name_.empty()) return name_;
  if (request_.identity)
    return request_.identity->domain.empty() ? request_.identity->user
                                             : request_.identity->domain + "\\" + request_.identity->user;
  return acceptor_principal_;
}

std::shared_ptr<TicketCache> Credential::tickets() const {
  const std::lock_guard lock(mutex_);
  return tickets_;
}

bool Credential::may_wait_for(const std::string& target) const {
  const auto cache = tickets();
  return !cache || !cache->holds_ticket_for(target);
}

void Credential::note_ticket_for(const std::string& target, std::int64_t expiry) {
  if (const auto cache = tickets()) cache->note_ticket_for(target, expiry);
}

Outcome Credential::log_on() {
  const std::lock_guard one_at_a_time(log_on_mutex_);
  if (tickets()) return {};
  const PasswordIdentity& identity = *request_.identity;
  // A missing password must never become a log-on (E-190).
  if (identity.password.empty() || identity.user.empty())
    return {SEC_E_LOGON_DENIED, "Kerberos: user name or password is empty"};
  std::string principal;
  if (Outcome named = gss::principal_of(identity.user, identity.domain, principal); !named.ok()) return named;
  std::shared_ptr<TicketCache> earned;
  if (Outcome logged_on = TicketCache::from_password(principal, identity.password, earned); !logged_on.ok())
    return logged_on;
  const std::lock_guard lock(mutex_);
  tickets_ = std::move(earned);
  name_ = std::move(principal);
  return {};
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
  gss::Name name;
  if (!request_.identity)
    if (Outcome imported = import_principal(request_.principal, name); !imported.ok()) return imported;
  gss_OID_set_desc mechanisms = only(mechanism);
  Outcome made = acquire_from_store(name.get(), &mechanisms, GSS_C_INITIATE, "ccache", tickets()->name(), credential);
  if (made.ok() && gss::same_mechanism(mechanism, gss::spnego())) made = restrict_to_kerberos(credential);
  return made;
}

bool Credential::admits_kerberos() const {
  return !package().negotiates || package_list_admits(request_.package_list, kerberos());
}

Outcome Credential::lease_initiator(Flavor flavor, Lease& lease) {
  if (!admits_kerberos())
    return {SEC_E_NO_CREDENTIALS, "Negotiate: the package list \"" + request_.package_list + "\" leaves no package"};
  if (request_.identity)
    if (Outcome logged_on = log_on(); !logged_on.ok()) return logged_on;
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
  if (Outcome imported = import_principal(acceptor_principal_, name); !imported.ok()) return imported;
  // Negotiate also takes raw Kerberos tokens (E-053), which needs the mechanism itself in the credential.
  gss_OID_desc both[2] = {*gss::krb5(), *gss::spnego()};
  gss_OID_set_desc mechanisms = {package().negotiates ? std::size_t{2} : std::size_t{1}, both};
  Outcome made = acquire_from_store(name.get(), &mechanisms, GSS_C_ACCEPT, "keytab", keys_->name(), credential);
  if (made.ok() && package().negotiates) made = restrict_to_kerberos(credential);
  return made;
}

Outcome Credential::lease_acceptor(Lease& lease) {
  if (take(idle_acceptors_, lease)) return {};
  return make_acceptor(lease.credential_);
}

}  // namespace sspid::worker
