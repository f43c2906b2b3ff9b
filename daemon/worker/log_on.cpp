#include "daemon/worker/log_on.h"

#include "daemon/worker/gss/names.h"

namespace sspid::worker {

LogOn password_log_on(std::shared_ptr<const PasswordIdentity> identity) {
  return [identity = std::move(identity)](const KdcProxy* proxy, std::shared_ptr<TicketCache>& earned) -> Outcome {
    if (identity->password.empty() || identity->user.empty())
      return {SEC_E_LOGON_DENIED, "Kerberos: user name or password is empty"};
    std::string principal;
    if (Outcome named = gss::principal_of(identity->user, identity->domain, principal); !named.ok()) return named;
    const auto ask = [&](krb5_context context, krb5_creds* ticket, krb5_principal client) {
      return krb5_get_init_creds_password(context, ticket, client, identity->password.c_str(), nullptr, nullptr, 0,
                                          nullptr, nullptr);
    };
    return TicketCache::earn(principal, proxy, ask, earned);
  };
}

LogOn key_log_on(std::string principal, std::shared_ptr<const Keys> keys) {
  return [principal = std::move(principal), keys = std::move(keys)](const KdcProxy* proxy,
                                                                    std::shared_ptr<TicketCache>& earned) -> Outcome {
    const auto ask = [&](krb5_context context, krb5_creds* ticket, krb5_principal client) {
      krb5_keytab keytab = nullptr;
      if (const auto code = krb5_kt_resolve(context, keys->name().c_str(), &keytab)) return code;
      const auto code = krb5_get_init_creds_keytab(context, ticket, client, keytab, 0, nullptr, nullptr);
      krb5_kt_close(context, keytab);
      return code;
    };
    return TicketCache::earn(principal, proxy, ask, earned);
  };
}

}  // namespace sspid::worker
