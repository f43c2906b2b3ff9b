#include "client-lib/account_name.h"

namespace sspi {

namespace {

template <class Form>
BOOLEAN user_name(EXTENDED_NAME_FORMAT format, typename Form::Char* buffer, ULONG* size) {
  if (size == nullptr) return no("nSize is NULL");
  AccountName account;
  if (find_caller(account) != SEC_E_OK) return 0;
  const auto name = write_name(account, format);
  return name ? give_name<Form>(*name, buffer, size, Counted::without_nul) : BOOLEAN{0};
}

}  // namespace

}  // namespace sspi

BOOLEAN GetUserNameExW(EXTENDED_NAME_FORMAT NameFormat, LPWSTR lpNameBuffer, PULONG nSize) {
  return sspi::boolean_boundary([&] { return sspi::user_name<sspi::Wide>(NameFormat, lpNameBuffer, nSize); });
}

BOOLEAN GetUserNameExA(EXTENDED_NAME_FORMAT NameFormat, LPSTR lpNameBuffer, PULONG nSize) {
  return sspi::boolean_boundary([&] { return sspi::user_name<sspi::Ansi>(NameFormat, lpNameBuffer, nSize); });
}
