#include "daemon/worker/password.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "daemon/worker/gss/krb5_handle.h"
#include "daemon/worker/gss/status.h"

namespace sspid::worker {

namespace {

using Text = gss::Krb5Owner<char*, krb5_free_string>;
using InitOptions = gss::Krb5Owner<krb5_get_init_creds_opt*, krb5_get_init_creds_opt_free>;

/// What the service says.
struct Response {
  explicit Response(const gss::Krb5Context& context) : code_text(context), text(context) {}
  int result = 0;
  gss::Krb5Data code_text;
  gss::Krb5Data text;
};

std::span<const std::byte> bytes_of(const krb5_data& data) { return std::as_bytes(std::span(data.data, data.length)); }

Outcome failure(const gss::Krb5Context& context, krb5_error_code code, const std::string& principal) {
  return {gss::krb5_status(gss::Call::acquire, code, {.explicit_credentials = true}),
          "Kerberos: changing the password of " + principal + ": " + gss::describe_krb5(context.get(), code)};
}

Outcome outcome_of(const gss::Krb5Context& context, const Response& response, const std::string& principal,
                   std::optional<PasswordRules>& rules) {
  rules = decode_password_rules(bytes_of(response.text.get()));
  if (response.result == KRB5_KPASSWD_SUCCESS) return {};
  Text why(context);
  krb5_data text = response.text.get();
  std::string detail = "Kerberos: the password of " + principal + " is not changed: ";
  const krb5_data& code_text = response.code_text.get();
  detail.append(std::string_view(code_text.data, code_text.length));
  if (krb5_chpw_message(context.get(), &text, why.out()) == 0) detail.append(": ").append(why.get());
  return {password_status(response.result), std::move(detail)};
}

/// A ticket for this one purpose: short, and good for nothing else.
krb5_error_code prepare_options(const gss::Krb5Context& context, InitOptions& options) {
  constexpr krb5_deltat kFiveMinutes = 300;
  if (const auto code = krb5_get_init_creds_opt_alloc(context.get(), options.out())) return code;
  krb5_get_init_creds_opt_set_tkt_life(options.get(), kFiveMinutes);
  krb5_get_init_creds_opt_set_renew_life(options.get(), 0);
  krb5_get_init_creds_opt_set_forwardable(options.get(), 0);
  krb5_get_init_creds_opt_set_proxiable(options.get(), 0);
  return 0;
}

std::uint64_t big_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) value = (value << 8) | std::to_integer<std::uint64_t>(byte);
  return value;
}

/// On the wire an age is positive, in DOMAIN_PASSWORD_INFORMATION negative. "Never" has the sign already.
std::int64_t age_of(std::uint64_t wire) {
  const auto age = static_cast<std::int64_t>(wire);
  return age > 0 ? -age : age;
}

std::uint16_t limited(std::uint64_t value) {
  return static_cast<std::uint16_t>(std::min<std::uint64_t>(value, std::numeric_limits<std::uint16_t>::max()));
}

}  // namespace

std::optional<PasswordRules> decode_password_rules(std::span<const std::byte> answer) {
  // Two zeros, which no text starts with; length, history and properties in 4 bytes each; both ages in 8.
  constexpr std::size_t kLength = 30;
  if (answer.size() != kLength || big_endian(answer.first(2)) != 0) return std::nullopt;
  return PasswordRules{.min_length = limited(big_endian(answer.subspan(2, 4))),
                       .history = limited(big_endian(answer.subspan(6, 4))),
                       .properties = static_cast<std::uint32_t>(big_endian(answer.subspan(10, 4))),
                       .max_age = age_of(big_endian(answer.subspan(14, 8))),
                       .min_age = age_of(big_endian(answer.subspan(22, 8)))};
}

SECURITY_STATUS password_status(int result) {
  switch (result) {
    case KRB5_KPASSWD_SUCCESS:
      return SEC_E_OK;
    case KRB5_KPASSWD_MALFORMED:
    case KRB5_KPASSWD_BAD_VERSION:
      return SEC_E_INVALID_PARAMETER;
    case KRB5_KPASSWD_AUTHERROR:
    case KRB5_KPASSWD_INITIAL_FLAG_NEEDED:
      return SEC_E_LOGON_DENIED;
    case KRB5_KPASSWD_SOFTERROR:
      return STATUS_PASSWORD_RESTRICTION;
    case KRB5_KPASSWD_ACCESSDENIED:
      return SEC_E_NOT_OWNER;
    default:  // KRB5_KPASSWD_HARDERROR, and what nobody has defined
      return SEC_E_INTERNAL_ERROR;
  }
}

Outcome change_password(const std::string& principal, const Secret& old_password, const Secret& new_password,
                        std::optional<PasswordRules>& rules) {
  gss::Krb5Context context;
  if (const auto code = context.initialize()) return failure(context, code, principal);
  gss::Principal client(context);
  if (krb5_parse_name(context.get(), principal.c_str(), client.out()) != 0)
    return {SEC_E_LOGON_DENIED, "Kerberos: \"" + principal + "\" is no principal name"};
  InitOptions options(context);
  if (const auto code = prepare_options(context, options)) return failure(context, code, principal);
  gss::Creds ticket(context);
  if (const auto code = krb5_get_init_creds_password(context.get(), ticket.out(), client.get(), old_password.c_str(),
                                                     nullptr, nullptr, 0, "kadmin/changepw", options.get()))
    return failure(context, code, principal);
  Response response(context);
  if (const auto code = krb5_change_password(context.get(), ticket.inout(), new_password.c_str(), &response.result,
                                             response.code_text.out(), response.text.out()))
    return failure(context, code, principal);
  return outcome_of(context, response, principal, rules);
}

Outcome set_password(const TicketCache& tickets, const std::string& principal, const Secret& new_password,
                     std::optional<PasswordRules>& rules) {
  gss::Krb5Context context;
  if (const auto code = context.initialize()) return failure(context, code, principal);
  gss::Principal target(context);
  if (krb5_parse_name(context.get(), principal.c_str(), target.out()) != 0)
    return {SEC_E_UNKNOWN_CREDENTIALS, "Kerberos: \"" + principal + "\" is no principal name"};
  gss::OpenCache cache(context);
  if (const auto code = krb5_cc_resolve(context.get(), tickets.name().c_str(), cache.out()))
    return failure(context, code, principal);
  Response response(context);
  if (const auto code = krb5_set_password_using_ccache(context.get(), cache.get(), new_password.c_str(), target.get(),
                                                       &response.result, response.code_text.out(), response.text.out()))
    return failure(context, code, principal);
  return outcome_of(context, response, principal, rules);
}

}  // namespace sspid::worker
