#include "daemon/worker/gss/names.h"

#include <gssapi/gssapi_krb5.h>

#include <algorithm>

#include "daemon/worker/gss/krb5_handle.h"
#include "daemon/worker/gss/status.h"
#include "proto/limits.h"

namespace sspid::worker::gss {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string mapped(std::string_view text, char (*letter)(char)) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), letter);
  return out;
}

/// Characters, of which UTF-8's continuation bytes are none.
std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// For a component of a principal: a backslash would start an escape there.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// svc/host[:port][/domain][@REALM], with the host's letters lowered.
std::string service_principal(std::string_view service, std::string_view rest) {
  const std::size_t host_end = std::min(rest.find_first_of(":/@"), rest.size());
  return escaped(service) + '/' + mapped(rest.substr(0, host_end), lower) + escaped(rest.substr(host_end));
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

Outcome unknown(const std::string& target, const char* why) {
  return {SEC_E_TARGET_UNKNOWN, "Kerberos: target \"" + target + "\" " + why};
}

}  // namespace

Target parse_target(std::string_view target) {
  if (target.empty()) return {TargetKind::none, {}};
  if (characters(target) > proto::kMaxTargetCharacters) return {TargetKind::too_long, {}};
  const std::size_t slash = target.find('/');
  if (slash == std::string_view::npos) {
    if (target.find('\\') != std::string_view::npos || target.back() == '$') return {TargetKind::windows, {}};
    return {TargetKind::principal, std::string(target)};
  }
  const std::string_view service = target.substr(0, slash), rest = target.substr(slash + 1);
  if (service.find('\\') != std::string_view::npos) return {TargetKind::windows, {}};
  const bool host_alone = rest.find_first_of(":/@\\") == std::string_view::npos;
  if (host_alone && !rest.empty() && service.find('@') == std::string_view::npos)
    return {TargetKind::service, std::string(service) + '@' + mapped(rest, lower)};
  return {TargetKind::principal, service_principal(service, rest)};
}

Outcome import_target(const std::string& target, Name& name) {
  const Target parsed = parse_target(target);
  switch (parsed.kind) {
    case TargetKind::none:
      return unknown(target, "is empty");
    case TargetKind::too_long:
      return {SEC_E_TARGET_UNKNOWN, "Kerberos: the target name has more than 1024 characters"};
    case TargetKind::windows:
      return unknown(target, "names a Windows account, which only NTLM can reach");
    case TargetKind::service:
    case TargetKind::principal:
      break;
  }
  OM_uint32 minor = 0;
  gss_buffer_desc text = borrow(parsed.text);
  const gss_OID type = parsed.kind == TargetKind::service ? GSS_C_NT_HOSTBASED_SERVICE
                                                          : const_cast<gss_OID>(GSS_KRB5_NT_PRINCIPAL_NAME);
  const OM_uint32 major = gss_import_name(&minor, &text, type, name.out());
  return GSS_ERROR(major) ? unknown(target, "is no name of a service") : Outcome{};
}

std::string principal_in(std::string_view user, std::string_view domain, std::string_view default_realm) {
  if (const std::size_t backslash = user.find('\\'); domain.empty() && backslash != std::string_view::npos) {
    domain = user.substr(0, backslash);
    user = user.substr(backslash + 1);
  }
  if (domain.empty()) return std::string(user);  // a UPN, or a user of the default realm
  const std::string_view first_label = default_realm.substr(0, default_realm.find('.'));
  const std::string wanted = mapped(domain, upper);
  const bool is_default = wanted == mapped(default_realm, upper) || wanted == mapped(first_label, upper);
  // With a domain of its own an @ in the user is part of the name.
  std::string name;
  for (const char c : user) {
    if (c == '@') name += '\\';
    name += c;
  }
  return name + '@' + (is_default ? std::string(default_realm) : wanted);
}

Outcome principal_of(const std::string& user, const std::string& domain, std::string& principal) {
  Krb5Context context;
  if (context.initialize() != 0)
    return {SEC_E_NO_AUTHENTICATING_AUTHORITY, "Kerberos: the configuration cannot be read"};
  DefaultRealm realm(context);
  const bool has_realm = krb5_get_default_realm(context.get(), realm.out()) == 0;
  principal = principal_in(user, domain, has_realm ? realm.get() : "");
  return {};
}

std::string_view realm_of(std::string_view principal) {
  const std::size_t at = realm_separator(principal);
  return at < principal.size() ? principal.substr(at + 1) : std::string_view{};
}

std::string_view without_realm(std::string_view principal) { return principal.substr(0, realm_separator(principal)); }

}  // namespace sspid::worker::gss
