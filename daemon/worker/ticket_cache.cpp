#include "daemon/worker/ticket_cache.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <gssapi/gssapi_krb5.h>
#include <sys/mman.h>

#include "daemon/worker/client_ticket.h"
#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/kdc_proxy.h"
#include "daemon/worker/keytab.h"
#include "daemon/worker/worker.h"
#include "proto/limits.h"

namespace sspid::worker {

namespace {

// By this entry MIT's mechanism knows that it must ask for tickets in the owner's name, and as whom.
constexpr const char* kImpersonator = "proxy_impersonator";

std::string next_name() {
  static std::atomic<std::uint64_t> counter{0};
  return "MEMORY:sspid-" + std::to_string(counter.fetch_add(1));
}

Outcome no_tickets(std::string why) { return {SEC_E_NO_CREDENTIALS, "Kerberos: " + std::move(why)}; }

// libkrb5 opens caches by path only, and an unprivileged worker may not open somebody's descriptor again through /proc:
// the bytes are copied into a memory file of its own, which it may.
Outcome copy_into_memory(int from, proto::Descriptor& copy) {
  copy.reset(::memfd_create("ticket-cache", MFD_CLOEXEC));
  if (!copy) return {SEC_E_INSUFFICIENT_MEMORY, "no memory for a copy of the ticket cache"};
  std::array<char, 16384> piece;
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(from, piece.data(), piece.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return no_tickets(std::string("the ticket cache cannot be read: ") + std::strerror(errno));
    if (got == 0) break;
    at += got;
    if (static_cast<std::size_t>(at) > proto::kMaxKeyFile) return no_tickets("the ticket cache is too large");
    if (::write(copy.get(), piece.data(), static_cast<std::size_t>(got)) != got)
      return {SEC_E_INSUFFICIENT_MEMORY, "no memory for a copy of the ticket cache"};
  }
  explicit_bzero(piece.data(), piece.size());
  return {};
}

}  // namespace

TicketCache::TicketCache() : name_(next_name()), cache_(context_) {}
TicketCache::~TicketCache() = default;

Outcome TicketCache::failure(krb5_error_code code, const char* doing) const {
  return {gss::krb5_status(gss::Call::acquire, code),
          std::string("Kerberos: ") + doing + ": " + gss::describe_krb5(context_.get(), code)};
}

Outcome TicketCache::open(const KdcProxy* proxy) {
  if (const auto code = proxy ? proxy->initialize(context_) : context_.initialize())
    return failure(code, "reading the configuration");
  cache_ = gss::OwnCache(context_);
  if (const auto code = krb5_cc_resolve(context_.get(), name_.c_str(), cache_.out()))
    return failure(code, "opening memory");
  return {};
}

Outcome TicketCache::copy_from(krb5_ccache source) {
  gss::Principal owner(context_);
  if (const auto code = krb5_cc_get_principal(context_.get(), source, owner.out()))
    return failure(code, "reading the ticket cache");
  if (const auto code = krb5_cc_initialize(context_.get(), cache_.get(), owner.get()))
    return failure(code, "opening memory");
  if (const auto code = krb5_cc_copy_creds(context_.get(), source, cache_.get()))
    return failure(code, "reading the ticket cache");
  if (const auto code = learn(owner.get())) return failure(code, "reading the ticket cache");
  return {};
}

// Not gss_inquire_cred: where the tickets have expired it tells neither name nor end, and leaks the name (MIT 1.20).
krb5_error_code TicketCache::learn(krb5_const_principal owner) {
  krb5_context context = context_.get();
  gss::UnparsedName text(context_);
  if (const auto code = krb5_unparse_name(context, owner, text.out())) return code;
  owner_ = text.get();

  gss::Principal granting(context_);
  const krb5_data& realm = owner->realm;
  if (const auto code = krb5_build_principal_ext(context, granting.out(), realm.length, realm.data, KRB5_TGS_NAME_SIZE,
                                                 KRB5_TGS_NAME, realm.length, realm.data, 0))
    return code;
  krb5_cc_cursor cursor = nullptr;
  if (const auto code = krb5_cc_start_seq_get(context, cache_.get(), &cursor)) return code;
  gss::Creds ticket(context_);
  while (krb5_cc_next_cred(context, cache_.get(), &cursor, ticket.out()) == 0) {
    if (krb5_is_config_principal(context, ticket.get().server)) continue;
    // Kerberos' 32 bits count seconds past 2038 when they are taken without a sign.
    if (end_ == 0 || krb5_principal_compare(context, ticket.get().server, granting.get()))
      end_ = static_cast<std::uint32_t>(ticket.get().times.endtime);
  }
  return krb5_cc_end_seq_get(context, cache_.get(), &cursor);
}

Outcome TicketCache::copy_named(const std::string& name, const std::string& principal,
                                std::shared_ptr<TicketCache>& cache) {
  std::shared_ptr<TicketCache> copy(new TicketCache());
  if (Outcome opened = copy->open(); !opened.ok()) return opened;
  krb5_context context = copy->context_.get();
  gss::OpenCache source(copy->context_);
  krb5_error_code code = krb5_cc_resolve(context, name.c_str(), source.out());
  // Only of a socket that is missing libkrb5 says in its own words that there is no server.
  if (code == ECONNREFUSED) code = KRB5_KCM_NO_SERVER;
  if (code) return copy->failure(code, "opening the ticket cache");
  if (!principal.empty()) {
    // A collection may hold several users' tickets: look for the one that was asked for.
    gss::Principal wanted(copy->context_);
    gss::OpenCache match(copy->context_);
    code = krb5_cc_set_default_name(context, name.c_str());
    if (!code) code = krb5_parse_name(context, principal.c_str(), wanted.out());
    if (!code && krb5_cc_cache_match(context, wanted.get(), match.out()) == 0) source = std::move(match);
    if (code) return copy->failure(code, "choosing the ticket cache");
  }
  if (Outcome copied = copy->copy_from(source.get()); !copied.ok()) return copied;
  cache = std::move(copy);
  return {};
}

Outcome TicketCache::copy_file(const proto::Descriptor& file, std::shared_ptr<TicketCache>& cache) {
  std::shared_ptr<TicketCache> copy(new TicketCache());
  if (Outcome opened = copy->open(); !opened.ok()) return opened;
  proto::Descriptor memory;
  if (Outcome copied = copy_into_memory(file.get(), memory); !copied.ok()) return copied;
  const std::string path = "FILE:/proc/self/fd/" + std::to_string(memory.get());
  gss::OpenCache source(copy->context_);
  if (const auto code = krb5_cc_resolve(copy->context_.get(), path.c_str(), source.out()))
    return copy->failure(code, "opening the ticket cache");
  if (Outcome copied = copy->copy_from(source.get()); !copied.ok()) return copied;
  cache = std::move(copy);
  return {};
}

Outcome TicketCache::earn(const std::string& principal, const KdcProxy* proxy, const Ask& ask,
                          std::shared_ptr<TicketCache>& cache) {
  std::shared_ptr<TicketCache> earned(new TicketCache());
  if (Outcome opened = earned->open(proxy); !opened.ok()) return opened;
  krb5_context context = earned->context_.get();
  gss::Principal client(earned->context_);
  if (const auto code = krb5_parse_name(context, principal.c_str(), client.out()))
    return {SEC_E_LOGON_DENIED, "Kerberos: \"" + principal + "\" is no principal name"};
  const auto denied = [&](krb5_error_code code) -> Outcome {
    return {gss::krb5_status(gss::Call::acquire, code, {.explicit_credentials = true}),
            "Kerberos: logging on as " + principal + ": " + gss::describe_krb5(context, code)};
  };
  gss::Creds ticket(earned->context_);
  if (const auto code = ask(context, ticket.out(), client.get())) return denied(code);
  if (const auto code = krb5_cc_initialize(context, earned->cache_.get(), ticket.get().client)) return denied(code);
  if (const auto code = krb5_cc_store_cred(context, earned->cache_.get(), ticket.inout())) return denied(code);
  if (const auto code = earned->learn(ticket.get().client)) return denied(code);
  cache = std::move(earned);
  return {};
}

Outcome TicketCache::from_keys(const std::string& principal, const Keys& keys, std::shared_ptr<TicketCache>& cache) {
  std::shared_ptr<TicketCache> earned(new TicketCache());
  if (Outcome opened = earned->open(); !opened.ok()) return opened;
  krb5_context context = earned->context_.get();
  gss::Principal service(earned->context_);
  gss::KeytabHandle keytab(earned->context_);
  gss::InitialOptions options(earned->context_);
  gss::Creds ticket(earned->context_);
  krb5_error_code code = krb5_parse_name(context, principal.c_str(), service.out());
  if (!code) code = krb5_kt_resolve(context, keys.name().c_str(), keytab.out());
  if (!code) code = krb5_get_init_creds_opt_alloc(context, options.out());
  // What is asked for in somebody's name may be passed on only where this ticket may be, too.
  if (!code) krb5_get_init_creds_opt_set_forwardable(options.get(), 1);
  if (!code)
    code = krb5_get_init_creds_keytab(context, ticket.out(), service.get(), keytab.get(), 0, nullptr, options.get());
  if (!code) code = krb5_cc_initialize(context, earned->cache_.get(), ticket.get().client);
  if (!code) code = krb5_cc_store_cred(context, earned->cache_.get(), ticket.inout());
  if (!code) code = earned->learn(ticket.get().client);
  if (code) return earned->failure(code, ("logging on as " + principal).c_str());
  cache = std::move(earned);
  return {};
}

Outcome TicketCache::from_credential(gss_cred_id_t credential, std::shared_ptr<TicketCache>& cache) {
  std::shared_ptr<TicketCache> copy(new TicketCache());
  if (Outcome opened = copy->open(); !opened.ok()) return opened;
  krb5_context context = copy->context_.get();
  gss::Name name;
  gss::Buffer text;
  OM_uint32 minor = 0;
  OM_uint32 major = gss_inquire_cred(&minor, credential, name.out(), nullptr, nullptr, nullptr);
  if (!GSS_ERROR(major)) major = gss_display_name(&minor, name.get(), text.out(), nullptr);
  gss::Principal owner(copy->context_);
  krb5_error_code code = 0;
  if (!GSS_ERROR(major)) code = krb5_parse_name(context, std::string(text.text()).c_str(), owner.out());
  if (!GSS_ERROR(major) && !code) code = krb5_cc_initialize(context, copy->cache_.get(), owner.get());
  if (!GSS_ERROR(major) && !code) major = gss_krb5_copy_ccache(&minor, credential, copy->cache_.get());
  if (GSS_ERROR(major))
    return {gss::status_of(gss::Call::acquire, major, minor, {}),
            "Kerberos: taking delegated tickets over: " + gss::describe(major, minor, GSS_C_NO_OID)};
  if (!code) code = copy->learn(owner.get());
  if (code) return copy->failure(code, "taking delegated tickets over");
  gss::Krb5Data impersonator(copy->context_);
  copy->acts_for_client_ =
      krb5_cc_get_config(context, copy->cache_.get(), nullptr, kImpersonator, impersonator.out()) == 0;
  cache = std::move(copy);
  return {};
}

Outcome TicketCache::for_client(const ClientTicket& ticket, const TicketCache& service,
                                std::shared_ptr<TicketCache>& cache) {
  std::shared_ptr<TicketCache> made(new TicketCache());
  if (Outcome opened = made->open(); !opened.ok()) return opened;
  krb5_context context = made->context_.get();
  gss::OpenCache own(made->context_);
  krb5_data impersonator{};
  impersonator.data = const_cast<char*>(ticket.service().data());
  impersonator.length = static_cast<unsigned>(ticket.service().size());
  krb5_error_code code = krb5_cc_resolve(context, service.name().c_str(), own.out());
  if (!code) code = krb5_cc_initialize(context, made->cache_.get(), const_cast<krb5_principal>(ticket.client()));
  if (!code) code = krb5_cc_set_config(context, made->cache_.get(), nullptr, kImpersonator, &impersonator);
  if (!code) code = krb5_cc_copy_creds(context, own.get(), made->cache_.get());
  if (!code) code = ticket.store(context, made->cache_.get());
  if (!code) code = made->learn(ticket.client());
  if (code) return made->failure(code, "acting for a client");
  made->acts_for_client_ = true;
  cache = std::move(made);
  return {};
}

bool TicketCache::holds_ticket_for(const std::string& target) const {
  const std::lock_guard lock(mutex_);
  const auto ticket = tickets_.find(target);
  return ticket != tickets_.end() && ticket->second > std::time(nullptr);
}

void TicketCache::note_ticket_for(const std::string& target, std::int64_t expiry) {
  constexpr std::size_t kNoted = 1000;  // a hint only: forgetting costs a hop to the pool
  const std::lock_guard lock(mutex_);
  if (tickets_.size() >= kNoted) tickets_.clear();
  tickets_[target] = expiry;
}

bool TicketCaches::same(const Version& a, const Version& b) {
  const auto at_once = [](const timespec& x, const timespec& y) {
    return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
  };
  return a.device == b.device && a.inode == b.inode && a.size == b.size && at_once(a.modified, b.modified) &&
         at_once(a.changed, b.changed);
}

Outcome TicketCaches::copy_file(const proto::Descriptor& file, std::shared_ptr<TicketCache>& cache) {
  struct stat seen {};
  if (::fstat(file.get(), &seen) != 0 || !S_ISREG(seen.st_mode)) return no_tickets("the ticket cache is no file");
  const Version version{seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtim, seen.st_ctim};
  {
    const std::lock_guard lock(mutex_);
    for (auto kept = kept_.begin(); kept != kept_.end(); ++kept) {
      if (!same(kept->first, version)) continue;
      kept_.splice(kept_.begin(), kept_, kept);
      cache = kept->second;
      return {};
    }
  }
  if (Outcome copied = TicketCache::copy_file(file, cache); !copied.ok()) return copied;
  const std::lock_guard lock(mutex_);
  kept_.emplace_front(version, cache);
  if (kept_.size() > kKept) kept_.pop_back();
  return {};
}

}  // namespace sspid::worker
