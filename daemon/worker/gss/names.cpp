#include "daemon/worker/gss/names.h"

#include <algorithm>
#include <memory>
#include <vector>

#include <gssapi/gssapi_krb5.h>
#include <profile.h>

#include "daemon/worker/gss/krb5_handle.h"
#include "daemon/worker/gss/status.h"
#include "proto/limits.h"
#include "proto/principal_text.h"

namespace sspid::worker::gss {

namespace {

// ASCII only: realms, hosts and NetBIOS names compare so; other letters go to the KDC as they are (E-119).
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string mapped(std::string_view text, char (*letter)(char)) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), letter);
  return out;
}

/// Of which UTF-8's continuation bytes are none.
std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// For a component of a principal, where these would end it or start an escape.
std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// A NUL, or a byte that is no UTF-8.
bool stays_escaped(char escape) { return escape == '0' || escape == 'x'; }

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size() || stays_escaped(text[i + 1]))
      out += text[i];
    else
      out += proto::meant_by(text[++i]);
  }
  return out;
}

bool has_escape(std::string_view text, bool (*is_meant)(char)) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i)
    if (text[i] == '\\' && is_meant(text[++i])) return true;
  return false;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool has_empty(const std::vector<std::string_view>& parts) {
  return std::any_of(parts.begin(), parts.end(), [](std::string_view part) { return part.empty(); });
}

/// Where the realm starts: the first @ that no backslash escapes.
std::size_t realm_separator(std::string_view principal) {
  for (std::size_t i = 0; i < principal.size(); ++i) {
    if (principal[i] == '\\')
      ++i;
    else if (principal[i] == '@')
      return i;
  }
  return principal.size();
}

// ---- Targets ----

/// svc/host, svc/host:port, svc/host/domain, each with or without @REALM.
Target parse_service(std::string_view name, std::string_view realm) {
  const std::vector<std::string_view> parts = split(name, '/');
  if (has_empty(parts)) return {TargetKind::malformed, {}};
  const std::string_view instance = parts[1];
  const std::size_t host_end = std::min(instance.find(':'), instance.size());
  const std::string host = mapped(instance.substr(0, host_end), lower);
  const bool is_plain = name.find_first_of("@\\") == std::string_view::npos;
  if (parts.size() == 2 && host_end == instance.size() && realm.empty() && is_plain)
    return {TargetKind::service, std::string(parts[0]) + '@' + host};

  Target target{TargetKind::principal, escaped(parts[0], "@\\") + '/' + escaped(host, "@\\")};
  target.text += escaped(instance.substr(host_end), "@\\");
  for (std::size_t i = 2; i < parts.size(); ++i) target.text += '/' + escaped(parts[i], "@\\");
  target.has_realm = !realm.empty();
  if (target.has_realm) {
    target.text += '@' + std::string(realm);
  } else {
    target.host = host;
    if (parts.size() == 3) target.domain = parts[2];
  }
  return target;
}

Target parse_user(std::string_view name, std::string_view realm) {
  Target target{TargetKind::principal, escaped(name, "@")};
  target.has_realm = !realm.empty();
  if (target.has_realm) target.text += '@' + std::string(realm);
  return target;
}

Outcome unknown(const std::string& target, const char* why) {
  return {SEC_E_TARGET_UNKNOWN, "Kerberos: target \"" + target + "\" " + why};
}

const char* why_unknown(TargetKind kind) {
  switch (kind) {
    case TargetKind::none:
      return "is empty";
    case TargetKind::account:
      return "names a Windows account, which only NTLM can reach";
    case TargetKind::malformed:
      return "has an empty part or a control character";
    default:
      return nullptr;
  }
}

// ---- Realms ----

std::string default_realm(const Krb5Context& context) {
  DefaultRealm realm(context);
  return krb5_get_default_realm(context.get(), realm.out()) == 0 ? realm.get() : std::string();
}

/// Whether krb5.conf says anything about a realm.
bool is_configured(const Krb5Context& context, const std::string& realm) {
  profile_t raw = nullptr;
  if (krb5_get_profile(context.get(), &raw) != 0) return false;
  const std::unique_ptr<_profile_t, decltype(&profile_release)> profile(raw, profile_release);
  const char* section[] = {"realms", realm.c_str(), nullptr};
  char** relations = nullptr;
  if (profile_get_relation_names(profile.get(), section, &relations) != 0) return false;
  const bool has_some = relations && relations[0];
  profile_free_list(relations);
  return has_some;
}

/// What [domain_realm] says of a host; empty where it says nothing.
std::string mapped_realm(const Krb5Context& context, const std::string& host) {
  char** realms = nullptr;
  if (krb5_get_host_realm(context.get(), host.c_str(), &realms) != 0) return {};
  std::string realm = realms && realms[0] ? realms[0] : "";
  krb5_free_host_realm(context.get(), realms);
  return realm;
}

/// The realm of a service named by a principal without one. GSS-API takes the default realm for an empty answer.
std::string realm_for(const Target& target) {
  Krb5Context context;
  if (target.host.empty() || context.initialize() != 0) return {};
  const std::string of_domain = mapped(target.domain, upper);
  if (!of_domain.empty() && is_configured(context, of_domain)) return of_domain;
  return mapped_realm(context, target.host);
}

}  // namespace

Target parse_target(std::string_view target) {
  if (target.empty()) return {TargetKind::none, {}};
  if (characters(target) > proto::kMaxTargetCharacters) return {TargetKind::too_long, {}};
  if (has_control_characters(target)) return {TargetKind::malformed, {}};

  const std::size_t slash = target.find('/');
  if (target.find('\\') < slash) return {TargetKind::account, {}};
  const std::size_t at = target.rfind('@');
  const std::string_view name = target.substr(0, at);
  const std::string_view realm = at == std::string_view::npos ? std::string_view{} : target.substr(at + 1);
  const bool realm_is_bad = at != std::string_view::npos && (realm.empty() || realm.find_first_of("/\\") != realm.npos);
  if (name.empty() || realm_is_bad) return {TargetKind::malformed, {}};

  if (slash != std::string_view::npos) return parse_service(name, realm);
  if (realm.empty() && name.back() == '$') return {TargetKind::account, {}};
  return parse_user(name, realm);
}

Outcome import_target(const std::string& target, Name& name) {
  Target parsed = parse_target(target);
  if (parsed.kind == TargetKind::too_long)
    return {SEC_E_TARGET_UNKNOWN, "Kerberos: the target name has more than 1024 characters"};
  if (const char* why = why_unknown(parsed.kind)) return unknown(target, why);
  if (parsed.kind == TargetKind::principal && !parsed.has_realm)
    if (const std::string realm = realm_for(parsed); !realm.empty()) parsed.text += '@' + realm;

  OM_uint32 minor = 0;
  gss_buffer_desc text = borrow(parsed.text);
  const gss_OID type =
      parsed.kind == TargetKind::service ? GSS_C_NT_HOSTBASED_SERVICE : const_cast<gss_OID>(GSS_KRB5_NT_PRINCIPAL_NAME);
  const OM_uint32 major = gss_import_name(&minor, &text, type, name.out());
  return GSS_ERROR(major) ? unknown(target, "is no name of a service") : Outcome{};
}

std::string principal_in(std::string_view user, std::string_view domain, std::string_view default_realm) {
  const std::size_t backslash = user.find('\\');
  if (domain.empty() && backslash != std::string_view::npos) {
    domain = user.substr(0, backslash);
    user = user.substr(backslash + 1);
  } else if (const std::size_t at = user.rfind('@'); domain.empty() && at != std::string_view::npos) {
    domain = user.substr(at + 1);
    user = user.substr(0, at);
  }
  // A slash stays: "alice/admin" has two components. What is left of @ and \ is part of the name.
  const std::string name = escaped(user, "@\\");
  const std::string wanted = mapped(domain, upper);
  const std::string_view first_label = default_realm.substr(0, default_realm.find('.'));
  const bool is_default =
      wanted.empty() || wanted == mapped(default_realm, upper) || wanted == mapped(first_label, upper);
  const std::string realm = is_default ? std::string(default_realm) : escaped(wanted, "@\\/");
  return realm.empty() ? name : name + '@' + realm;
}

Outcome principal_of(const std::string& user, const std::string& domain, std::string& principal) {
  if (user.empty() || has_control_characters(user) || has_control_characters(domain))
    return {SEC_E_LOGON_DENIED, "Kerberos: the user name is empty or has control characters"};
  Krb5Context context;
  if (const krb5_error_code code = context.initialize())
    return {krb5_status(Call::acquire, code), "Kerberos: " + describe_krb5(nullptr, code)};
  principal = principal_in(user, domain, default_realm(context));
  if (realm_separator(principal) == principal.size())
    return {SEC_E_NO_AUTHENTICATING_AUTHORITY, "Kerberos: no domain was given and krb5.conf has no default realm"};
  return {};
}

std::string realm_of(std::string_view principal) {
  const std::size_t at = realm_separator(principal);
  return at < principal.size() ? unescaped(principal.substr(at + 1)) : std::string();
}

std::string without_realm(std::string_view principal) {
  return unescaped(principal.substr(0, realm_separator(principal)));
}

std::optional<Account> account_of(std::string_view principal) {
  const auto is_slash = [](char escape) { return escape == '/'; };
  const auto is_any = [](char) { return true; };
  const std::size_t at = realm_separator(principal);
  // In a realm each would be taken for what divides a name: a@b of the realm R for a of the realm b@R.
  if (has_escape(principal.substr(at), is_any)) return std::nullopt;
  if (has_escape(principal, stays_escaped) || has_escape(principal.substr(0, at), is_slash)) return std::nullopt;
  Account account{without_realm(principal), realm_of(principal), {}};
  account.domain = netbios_name(account.realm);
  return account;
}

std::string netbios_name(std::string_view realm) { return mapped(realm.substr(0, realm.find('.')), upper); }

}  // namespace sspid::worker::gss
