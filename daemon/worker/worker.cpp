#include "daemon/worker/worker.h"

#include <ctime>

#include <krb5/krb5.h>

#include "daemon/worker/exports.h"
#include "daemon/worker/gss/krb5_handle.h"
#include "daemon/worker/keytab.h"
#include "daemon/worker/ntlm/user_lines.h"
#include "daemon/worker/protection.h"
#include "daemon/worker/service_tickets.h"
#include "daemon/worker/session.h"
#include "daemon/worker/ticket_cache.h"

namespace sspid::worker {

Worker::Worker(Settings with)
    : settings(std::move(with)),
      sessions(std::make_unique<Sessions>(settings.index)),
      exports(std::make_unique<Exports>(settings.index)),
      keytab(std::make_unique<Keytab>()),
      protection(std::make_unique<Protection>()),
      caches(std::make_unique<TicketCaches>()),
      service_tickets(std::make_unique<ServiceTickets>()),
      ntlm_users(std::make_unique<ntlm::Users>()) {}

Worker::~Worker() = default;

void Worker::replace_keytab(proto::Descriptor file) { keytab->replace(std::move(file)); }

void Worker::replace_users(proto::Descriptor file) { ntlm_users->replace(std::move(file)); }

Outcome Worker::ntlm_default_user(const std::string& name, std::shared_ptr<const ntlm::UserLines>& line) const {
  const auto users = ntlm_users->current();
  if (!users || !settings.ntlm_default_user) return {SEC_E_NO_CREDENTIALS, "NTLM: there is no default user"};
  const std::string& allowed = *settings.ntlm_default_user;
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

std::string default_cache_name() {
  gss::Krb5Context context;
  if (context.initialize() != 0) return {};
  const char* name = krb5_cc_default_name(context.get());
  if (!name) return {};
  const std::string text(name);
  return text.find(':') == std::string::npos ? "FILE:" + text : text;
}

}  // namespace sspid::worker
