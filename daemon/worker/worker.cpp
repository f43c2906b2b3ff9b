#include "daemon/worker/worker.h"

#include <cstdlib>
#include <ctime>
#include <limits>

#include <krb5/krb5.h>
#include <profile.h>

#include "daemon/worker/exports.h"
#include "daemon/worker/gss/krb5_handle.h"
#include "daemon/worker/keytab.h"
#include "daemon/worker/metrics.h"
#include "daemon/worker/ntlm/user_lines.h"
#include "daemon/worker/packages.h"
#include "daemon/worker/protection.h"
#include "daemon/worker/service_tickets.h"
#include "daemon/worker/session.h"
#include "daemon/worker/ticket_cache.h"

namespace sspid::worker {

namespace {

/// libkrb5 would fill in the uid of this process, which is not the client's.
std::string configured_cache() {
  constexpr const char* kUsual = "FILE:/tmp/krb5cc_%{uid}";  // libkrb5's own, as Debian builds it
  gss::Krb5Context context;
  profile_t raw = nullptr;
  if (context.initialize() != 0 || krb5_get_profile(context.get(), &raw) != 0) return kUsual;
  const std::unique_ptr<_profile_t, decltype(&profile_release)> profile(raw, profile_release);
  char* value = nullptr;
  if (profile_get_string(profile.get(), "libdefaults", "default_ccache_name", nullptr, nullptr, &value) != 0 || !value)
    return kUsual;
  std::string name(value);
  profile_release_string(value);
  return name;
}

}  // namespace

Worker::Worker(Settings with)
    : settings(std::move(with)),
      metrics(std::make_unique<Metrics>()),
      sessions(std::make_unique<Sessions>(settings.index)),
      exports(std::make_unique<Exports>(settings.index)),
      keytab(std::make_unique<Keytab>()),
      client_keytab(std::make_unique<Keytab>()),
      protection(std::make_unique<Protection>()),
      caches(std::make_unique<TicketCaches>()),
      service_tickets(std::make_unique<ServiceTickets>()),
      ntlm_users(std::make_unique<ntlm::Users>()),
      grant_(std::make_shared<const Grant>()) {}

Worker::~Worker() = default;

void Worker::replace_grant(Grant granted) {
  offer_packages({granted.packages, granted.mechanisms});
  const std::size_t contexts = granted.quotas.contexts;
  sessions->contexts().limit(contexts == 0 ? std::numeric_limits<std::size_t>::max() : contexts);
  auto grant = std::make_shared<const Grant>(std::move(granted));
  const std::lock_guard lock(mutex_);
  grant_ = std::move(grant);
}

std::shared_ptr<const Grant> Worker::grant() const {
  const std::lock_guard lock(mutex_);
  return grant_;
}

void Worker::replace_client_keytab(proto::Descriptor file) { client_keytab->replace(std::move(file)); }

void Worker::replace_keytab(proto::Descriptor file) { keytab->replace(std::move(file)); }

void Worker::replace_users(proto::Descriptor file) { ntlm_users->replace(std::move(file)); }

Outcome Worker::ntlm_default_user(const std::string& name, std::shared_ptr<const ntlm::UserLines>& line) const {
  const auto users = ntlm_users->current();
  const auto granted = grant();
  if (!users || !granted->ntlm_default_user) return {SEC_E_NO_CREDENTIALS, "NTLM: there is no default user"};
  const std::string& allowed = *granted->ntlm_default_user;
  // Who may choose among all users of the file could be any of them.
  return users->only(allowed == "*" ? name : allowed, line);
}

void Worker::drop_idle() {
  const std::int64_t before = std::time(nullptr) - std::int64_t{settings.half_open_seconds};
  for (const auto& session : sessions->all())
    for (const auto& context : session->contexts.all()) {
      // A context that a call is using is not idle.
      const std::unique_lock lock(context->mutex, std::try_to_lock);
      if (lock) context->expire_if_idle(before);
    }
  exports->drop_overdue(Exports::Clock::now());
}

bool Worker::keeps_something() const { return exports->size() != 0 || protection->was_used(); }

std::string default_cache_name() {
  const char* named = std::getenv("KRB5CCNAME");
  const std::string text = named && *named ? named : configured_cache();
  return text.find(':') == std::string::npos ? "FILE:" + text : text;
}

std::string default_realm_name() {
  gss::Krb5Context context;
  if (context.initialize() != 0) return {};
  gss::DefaultRealm realm(context);
  return krb5_get_default_realm(context.get(), realm.out()) == 0 ? realm.get() : std::string();
}

}  // namespace sspid::worker
