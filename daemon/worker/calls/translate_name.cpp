#include <array>

#include "daemon/worker/calls/calls.h"
#include "daemon/worker/gss/krb5_handle.h"
#include "daemon/worker/gss/names.h"

namespace sspid::worker::calls {

namespace {

using Out = Reply<proto::TranslateNameReplyT>;

/// secext.h's numbers, which the worker needs no others of.
enum class Form : std::uint32_t { unknown = 0, sam = 2, principal = 8, dns_domain = 12 };

Outcome not_of_the_form() { return {SEC_E_TARGET_UNKNOWN, "the name is not of the form that it is said to have"}; }

Outcome check_form(std::string_view name, Form form) {
  const std::size_t backslash = name.find('\\');
  const std::size_t at = name.rfind('@');
  const bool has_backslash = backslash != std::string_view::npos, has_at = at != std::string_view::npos;
  if (has_backslash && (backslash == 0 || backslash + 1 == name.size() || name.find('\\', backslash + 1) != name.npos))
    return not_of_the_form();
  if (has_at && !has_backslash && (at == 0 || at + 1 == name.size())) return not_of_the_form();
  switch (form) {
    case Form::unknown:
      return {};
    case Form::sam:  // an account without a domain is one of the default realm
      return has_at && !has_backslash ? not_of_the_form() : Outcome{};
    case Form::principal:
      return has_at && !has_backslash ? Outcome{} : not_of_the_form();
    case Form::dns_domain:
      return has_backslash ? Outcome{} : not_of_the_form();
  }
  return {SEC_E_UNSUPPORTED_FUNCTION, "names of this form cannot be translated"};
}

/// Which account of this system krb5.conf makes of a principal; empty: none.
std::string local_account(const std::string& principal) {
  gss::Krb5Context context;
  if (context.initialize() != 0) return {};
  gss::Principal parsed(context);
  if (krb5_parse_name(context.get(), principal.c_str(), parsed.out()) != 0) return {};
  std::array<char, 256> name{};
  if (krb5_aname_to_localname(context.get(), parsed.get(), static_cast<int>(name.size()), name.data()) != 0) return {};
  return name.data();
}

Outcome default_realm(std::string& realm) {
  gss::Krb5Context context;
  if (context.initialize() == 0) {
    gss::DefaultRealm name(context);
    if (krb5_get_default_realm(context.get(), name.out()) == 0) realm = name.get();
  }
  return realm.empty() ? Outcome{SEC_E_NO_AUTHENTICATING_AUTHORITY, "krb5.conf has no default realm"} : Outcome{};
}

/// The principal of a name that somebody wrote.
Outcome read_name(const std::string& name, Form form, std::string& principal) {
  if (Outcome fits = check_form(name, form); !fits.ok()) return fits;
  Outcome found = gss::principal_of(name, {}, principal);
  if (found.status == SEC_E_LOGON_DENIED) found.status = SEC_E_TARGET_UNKNOWN;
  return found;
}

}  // namespace

Outcome translate_name(Caller&, const proto::TranslateNameRequest& in, Out& out) {
  if (in.name() == nullptr) {
    if (Outcome found = default_realm(out.table.realm); !found.ok()) return found;
    out.table.domain = gss::netbios_name(out.table.realm);
    return {};
  }
  std::string principal = in.name()->str();
  if (!in.displayed())
    if (Outcome read = read_name(in.name()->str(), static_cast<Form>(in.form()), principal); !read.ok()) return read;
  auto account = gss::account_of(principal);
  if (!account) return {SEC_E_TARGET_UNKNOWN, "no account has a name like \"" + principal + '"'};
  out.table.account = std::move(account->name);
  out.table.realm = std::move(account->realm);
  out.table.domain = std::move(account->domain);
  out.table.local_account = local_account(principal);
  return {};
}

}  // namespace sspid::worker::calls
