// Names of accounts in the formats of secext.h: how GetUserNameEx, GetComputerObjectName and TranslateName find and
// write them. A realm's NetBIOS name is its first label in capitals; which realm a name belongs to is for the daemon to
// say, which knows krb5.conf.
#pragma once

#include <optional>
#include <string>

#include "client-lib/c_boundary.h"
#include "client-lib/strings_out.h"

namespace sspi {

struct AccountName {
  std::string account;
  std::string realm;          ///< empty: an account of this system alone
  std::string domain;         ///< the realm's NetBIOS name, or this host's
  std::string local_account;  ///< which account of this system it is; empty: none
};

/// Asks the daemon what a name means.
[[nodiscard]] SECURITY_STATUS find_account(const std::string& name, EXTENDED_NAME_FORMAT format, AccountName& account);

/// Whom the calling thread acts as: the client that it impersonates, else the Kerberos principal of the caller's own
/// credential, or, where there is none, the account of the process.
[[nodiscard]] SECURITY_STATUS find_caller(AccountName& account);

/// This host, as an account of the default realm.
[[nodiscard]] SECURITY_STATUS find_computer(AccountName& account);

/// Nothing where this account has no name of that format; SspiGetLastErrorText says why.
[[nodiscard]] std::optional<std::string> write_name(const AccountName& account, EXTENDED_NAME_FORMAT format);

/// FALSE, with its reason.
inline BOOLEAN no(std::string_view why) {
  remember_error(why);
  return 0;
}

/// How *nSize counts after a success: the documentation of each function has it otherwise.
enum class Counted { without_nul, with_nul };

/// Writes a name into the caller's buffer. FALSE, with the size that is needed, where it does not fit.
template <class Form>
[[nodiscard]] BOOLEAN give_name(const std::string& name, typename Form::Char* buffer, ULONG* size, Counted counted) {
  const auto length = Form::length(name);
  if (!length) return no("the name is not well-formed text");
  const auto needed = static_cast<ULONG>(*length + 1);
  // Asked by nothing for the size alone.
  const bool asks_size = buffer == nullptr && *size == 0 && counted == Counted::with_nul;
  if (buffer == nullptr || *size < needed) {
    *size = needed;
    return asks_size ? BOOLEAN{1} : no("the name is longer than the buffer; nSize tells how long");
  }
  Form::encode(name, buffer);
  buffer[*length] = 0;
  *size = counted == Counted::with_nul ? needed : needed - 1;
  return 1;
}

/// The boundary of functions that answer TRUE or FALSE.
template <class Call>
BOOLEAN boolean_boundary(Call&& call) {
  BOOLEAN result = 0;
  const SECURITY_STATUS status = c_boundary([&] {
    result = call();
    return SEC_E_OK;
  });
  return status == SEC_E_OK ? result : BOOLEAN{0};
}

}  // namespace sspi
