#include "daemon/worker/kerberos_source.h"

#include <ctime>

#include <gssapi/gssapi_krb5.h>
#include <spdlog/spdlog.h>

#include "daemon/worker/gss/mechanisms.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/named_cache.h"
#include "daemon/worker/service_tickets.h"
#include "daemon/worker/worker.h"

namespace sspid::worker {

namespace {

Outcome import_principal(const std::string& text, gss::Name& name) {
  if (text.empty()) return {};
  OM_uint32 minor = 0;
  gss_buffer_desc buffer = gss::borrow(text);
  const OM_uint32 major = gss_import_name(&minor, &buffer, GSS_KRB5_NT_PRINCIPAL_NAME, name.out());
  if (!GSS_ERROR(major)) return {};
  return {gss::status_of(gss::Call::acquire, major, minor, {}), gss::describe(major, minor, gss::krb5())};
}

}  // namespace

void KerberosSource::use_tickets(std::shared_ptr<TicketCache> tickets, std::string principal) {
  const std::lock_guard lock(mutex_);
  tickets_ = std::move(tickets);
  initiator_ = std::move(principal);
}

void KerberosSource::use_keys(std::shared_ptr<const Keys> keys, std::string principal) {
  keytab_ = nullptr;
  keys_ = std::move(keys);
  acceptor_ = std::move(principal);
}

void KerberosSource::use_keytab(const Keytab& keytab, std::string principal) {
  keytab_ = &keytab;
  acceptor_ = std::move(principal);
}

void KerberosSource::initiate_as(const KerberosSource& other) {
  const std::scoped_lock lock(mutex_, other.mutex_);
  initiator_ = other.initiator_;
  log_on_ = other.log_on_;
  logs_on_as_ = other.logs_on_as_;
  renews_ = other.renews_;
  tickets_ = other.tickets_;
}

Outcome KerberosSource::accept_with(const KerberosSource& one, const KerberosSource& another) {
  std::shared_ptr<const Keys> first, second;
  const bool has_first = one.current_keys(first).ok(), has_second = another.current_keys(second).ok();
  const bool any_of_one = first == second && (one.acceptor_.empty() || another.acceptor_.empty());
  if (has_first && has_second && !any_of_one)  // a keytab's keys are those of now
    return Keys::join({*first, one.acceptor_}, {*second, another.acceptor_}, keys_);
  const KerberosSource& only = has_first ? one : another;
  keytab_ = only.keytab_;
  keys_ = only.keys_;
  if (!has_first || !has_second) acceptor_ = only.acceptor_;
  return {};
}

bool KerberosSource::is_good(const std::shared_ptr<TicketCache>& tickets) const {
  return tickets && (!renews_ || tickets->end() > std::time(nullptr) + kRenewalMargin);
}

Outcome KerberosSource::log_on() {
  const std::lock_guard one_at_a_time(log_on_mutex_);
  const auto had = tickets();
  if (is_good(had)) return {};
  if (!log_on_) return {SEC_E_NO_CREDENTIALS, "Kerberos: no tickets"};
  std::shared_ptr<TicketCache> earned;
  if (Outcome logged_on = log_on_(proxy().get(), earned); !logged_on.ok())
    return had && had->end() > std::time(nullptr) ? Outcome{} : logged_on;  // the next call tries again
  const std::lock_guard lock(mutex_);
  tickets_ = std::move(earned);
  return {};
}

std::shared_ptr<TicketCache> KerberosSource::tickets() const {
  const std::lock_guard lock(mutex_);
  return tickets_;
}

bool KerberosSource::acts_for_client() const {
  const auto cache = tickets();
  return cache && cache->acts_for_client();
}

void KerberosSource::add_tickets(gss::CredentialStore& store, const TicketCache& tickets) const {
  store.add("ccache", tickets.name().c_str());
}

Outcome KerberosSource::initiator_name(gss::Name& name) const { return import_principal(initiator_, name); }

bool KerberosSource::may_wait_for(const std::string& target) const {
  const auto cache = tickets();
  return is_good(cache) ? !cache->holds_ticket_for(target) : static_cast<bool>(log_on_);
}

void KerberosSource::note_ticket_for(const std::string& target, std::int64_t expiry) {
  if (const auto cache = tickets()) cache->note_ticket_for(target, expiry);
}

void KerberosSource::use_proxy(std::shared_ptr<const KdcProxy> proxy) {
  const std::lock_guard lock(mutex_);
  proxy_ = std::move(proxy);
}

std::shared_ptr<const KdcProxy> KerberosSource::proxy() const {
  const std::lock_guard lock(mutex_);
  return proxy_;
}

Outcome KerberosSource::fetch_ticket(gss_name_t target) {
  const auto proxy = this->proxy();
  const auto cache = tickets();
  return proxy && cache ? proxy->fetch_ticket(*cache, target) : Outcome{};
}

Outcome KerberosSource::current_keys(std::shared_ptr<const Keys>& keys) const {
  if (keytab_) return keytab_->current(keys);
  keys = keys_;
  return keys ? Outcome{} : Outcome{SEC_E_NO_CREDENTIALS, "Kerberos: neither tickets nor keys"};
}

void KerberosSource::add_keys(gss::CredentialStore& store, const Keys& keys) const {
  store.add("keytab", keys.name().c_str());
}

Outcome KerberosSource::acceptor_name(gss::Name& name) const { return import_principal(acceptor_, name); }

std::string KerberosSource::some_principal() const {
  std::shared_ptr<const Keys> keys;
  return current_keys(keys).ok() ? keys->first_principal() : std::string();
}

std::string KerberosSource::principal() const {
  const auto cache = tickets();
  if (cache) return cache->owner();
  return logs_on_as_.empty() ? acceptor_ : logs_on_as_;
}

Outcome find_tickets(Worker& worker, CredentialRequest& request, KerberosSource& source) {
  std::shared_ptr<TicketCache> tickets = std::move(request.tickets);
  Outcome found;
  if (!tickets) {
    const NamedCache cache{request.cache_name, request.cache_open_error, request.cache_file};
    found = copy_tickets(worker, cache, request.principal, tickets);
  }
  request.cache_file.reset();
  if (found.ok()) source.use_tickets(std::move(tickets), request.principal);
  return found;
}

Outcome find_keys(Worker& worker, const CredentialRequest& request, KerberosSource& source) {
  std::shared_ptr<const Keys> keys = request.keys;
  if (!keys)
    if (Outcome current = worker.keytab->current(keys); !current.ok()) return current;
  // A principal that the keytab lacks by that spelling is a hint only (E-022). Asked here and not by acquiring, where
  // MIT 1.20 leaks a name for each one that it does not find.
  const bool serves = request.principal.empty() || keys->holds(request.principal);
  if (!serves) spdlog::info("keytab: no key of {}; any key serves", request.principal);
  const std::string principal = serves ? request.principal : std::string();
  if (request.keys)
    source.use_keys(std::move(keys), principal);
  else
    source.use_keytab(*worker.keytab, principal);
  return {};
}

Outcome use_client_keytab(Worker& worker, const CredentialRequest& request, KerberosSource& source) {
  std::shared_ptr<const Keys> keys;
  if (Outcome current = worker.client_keytab->current(keys); !current.ok()) return current;
  const std::string granted = worker.grant()->initiator;
  std::string principal = !request.principal.empty() ? request.principal : granted;
  if (principal.empty()) principal = keys->first_principal();
  if (!keys->holds(principal)) {
    Outcome none{SEC_E_NOT_OWNER, "Kerberos: the client keytab has no key of " + principal};
    // The worker has the key of that one alone.
    if (!granted.empty()) none.rule = "initiate.principal";
    return none;
  }
  principal = keys->with_realm(principal);
  // Whatever keytab is there when the ticket has to be earned again.
  source.use_renewed_log_on(
      [&worker, principal](const KdcProxy*, std::shared_ptr<TicketCache>& tickets) -> Outcome {
        std::shared_ptr<const Keys> now;
        if (Outcome found = worker.client_keytab->current(now); !found.ok()) return found;
        return worker.service_tickets->find(principal, now, tickets);
      },
      principal);
  return {};
}

Outcome use_key_log_on(const CredentialRequest& request, KerberosSource& source) {
  const std::string& principal = request.principal.empty() ? request.keys->first_principal() : request.principal;
  if (!request.keys->holds(principal))
    return {SEC_E_NO_CREDENTIALS, "Kerberos: the packed keytab has no key of " + principal};
  source.use_log_on(key_log_on(principal, request.keys), principal);
  return {};
}

}  // namespace sspid::worker
