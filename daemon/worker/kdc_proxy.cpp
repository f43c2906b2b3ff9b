#include "daemon/worker/kdc_proxy.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include <profile.h>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/mechanisms.h"
#include "daemon/worker/gss/names.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/ticket_cache.h"

namespace sspid::worker {

namespace {

// ---- The configuration ----

struct ProfileEnd {
  void operator()(profile_t profile) const { profile_release(profile); }
};
using Profile = std::unique_ptr<std::remove_pointer_t<profile_t>, ProfileEnd>;

/// krb5.conf, with other KDCs. Shared by the contexts that were made with it.
struct Overlay {
  Profile configuration;
  std::string url;
  bool forced = false;
};
using SharedOverlay = std::shared_ptr<const Overlay>;

const Overlay& overlay_of(void* data) { return **static_cast<SharedOverlay*>(data); }

/// A list as profile_free_list frees it.
long make_list(const std::vector<std::string>& values, char*** list) {
  auto* made = static_cast<char**>(std::calloc(values.size() + 1, sizeof(char*)));
  if (!made) return ENOMEM;
  for (std::size_t i = 0; i < values.size(); ++i) made[i] = ::strdup(values[i].c_str());
  *list = made;
  return 0;
}

/// Whether `names` are those of a realm's relation: realms, REALM, `relation`.
bool is_of_realm(const char* const* names, std::string_view relation) {
  return names[0] && names[1] && names[2] && !names[3] && std::string_view(names[0]) == "realms" &&
         relation == names[2];
}

long get_values(void* data, const char* const* names, char*** values) {
  const Overlay& overlay = overlay_of(data);
  const auto configured = [&](char*** list) {
    return profile_get_values(overlay.configuration.get(), const_cast<const char**>(names), list);
  };
  if (overlay.forced && (is_of_realm(names, "primary_kdc") || is_of_realm(names, "master_kdc")))
    return PROF_NO_RELATION;
  if (!is_of_realm(names, "kdc")) return configured(values);
  std::vector<std::string> kdcs;
  char** direct = nullptr;
  if (!overlay.forced && configured(&direct) == 0) {
    for (char** each = direct; *each; ++each) kdcs.emplace_back(*each);
    profile_free_list(direct);
  }
  kdcs.push_back(overlay.url);
  return make_list(kdcs, values);
}

void free_values(void*, char** values) { profile_free_list(values); }

void cleanup(void* data) { delete static_cast<SharedOverlay*>(data); }

long copy(void* data, void** copied) {
  *copied = new SharedOverlay(*static_cast<SharedOverlay*>(data));
  return 0;
}

profile_vtable make_table() {
  profile_vtable table{};
  table.minor_ver = 1;
  table.get_values = get_values;
  table.free_values = free_values;
  table.cleanup = cleanup;
  table.copy = copy;
  return table;
}

// ---- Names ----

/// A host and what an URL has behind it: nothing that could end a line of a request or of a log.
bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F && c != '"'; });
}

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

/// The target's principal, as the GSS mechanism will look for its ticket.
Outcome principal_of_target(const gss::Krb5Context& context, gss_name_t target, gss::Principal& principal) {
  gss::Name canonical;
  gss::Buffer text;
  OM_uint32 minor = 0;
  OM_uint32 major = gss_canonicalize_name(&minor, target, gss::krb5(), canonical.out());
  if (!GSS_ERROR(major)) major = gss_display_name(&minor, canonical.get(), text.out(), nullptr);
  if (GSS_ERROR(major))
    return {gss::status_of(gss::Call::initialize, major, minor, {}), gss::describe(major, minor, gss::krb5())};
  if (krb5_parse_name(context.get(), std::string(text.text()).c_str(), principal.out()) != 0)
    return {SEC_E_TARGET_UNKNOWN, "Kerberos: \"" + std::string(text.text()) + "\" is no principal name"};
  if (principal.get()->realm.length == 0) principal.get()->type = KRB5_NT_SRV_HST;
  return {};
}

}  // namespace

Outcome KdcProxy::parse(std::string_view server, bool forced, std::shared_ptr<const KdcProxy>& proxy) {
  constexpr std::string_view kScheme = "https://";
  const std::size_t scheme = server.find("://");
  if (scheme != std::string_view::npos && lowered(server.substr(0, scheme + 3)) != kScheme)
    return {SEC_E_INVALID_PARAMETER, "a KDC proxy speaks https"};
  std::string_view rest = scheme == std::string_view::npos ? server : server.substr(scheme + 3);
  const std::size_t slash = rest.find('/');
  const std::string_view host = rest.substr(0, slash);
  const std::string_view path = slash == std::string_view::npos ? "KdcProxy" : rest.substr(slash + 1);
  if (!is_plain(host) || (!path.empty() && !is_plain(path)))
    return {SEC_E_INVALID_PARAMETER, "the name of the KDC proxy is no host's and no URL"};
  proxy.reset(new KdcProxy(std::string(kScheme) + std::string(host) + '/' + std::string(path), forced));
  return {};
}

krb5_error_code KdcProxy::initialize(gss::Krb5Context& context) const {
  gss::Krb5Context plain;
  if (const auto code = plain.initialize()) return code;
  profile_t configuration = nullptr;
  if (const auto code = krb5_get_profile(plain.get(), &configuration)) return code;
  auto overlay = std::make_shared<Overlay>(Overlay{Profile(configuration), url_, forced_});
  auto data = std::make_unique<SharedOverlay>(std::move(overlay));
  profile_vtable table = make_table();
  profile_t laid_over = nullptr;
  if (const long code = profile_init_vtable(&table, data.get(), &laid_over)) return static_cast<krb5_error_code>(code);
  (void)data.release();  // cleanup() has it
  const Profile owner(laid_over);
  return context.initialize(laid_over);
}

Outcome KdcProxy::fetch_ticket(const TicketCache& tickets, gss_name_t target) const {
  gss::Krb5Context context;
  const auto failure = [&](krb5_error_code code) -> Outcome {
    return {gss::krb5_status(gss::Call::initialize, code),
            "Kerberos: asking through " + url_ + ": " + gss::describe_krb5(context.get(), code)};
  };
  if (const auto code = initialize(context)) return failure(code);
  gss::Principal service(context), client(context);
  if (Outcome named = principal_of_target(context, target, service); !named.ok()) return named;
  gss::OpenCache cache(context);
  krb5_error_code code = krb5_cc_resolve(context.get(), tickets.name().c_str(), cache.out());
  if (!code) code = krb5_cc_get_principal(context.get(), cache.get(), client.out());
  if (code) return failure(code);
  krb5_creds wanted{};
  wanted.client = client.get();
  wanted.server = service.get();
  krb5_creds* ticket = nullptr;
  code = krb5_get_credentials(context.get(), 0, cache.get(), &wanted, &ticket);
  if (ticket) krb5_free_creds(context.get(), ticket);
  return code ? failure(code) : Outcome{};
}

}  // namespace sspid::worker
