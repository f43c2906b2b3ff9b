#include "client-lib/account_name.h"

namespace sspi {

namespace {

template <class Form>
BOOLEAN computer_name(EXTENDED_NAME_FORMAT format, typename Form::Char* buffer, ULONG* size) {
  if (size == nullptr) return no("nSize is NULL");
  AccountName account;
  if (find_computer(account) != SEC_E_OK) return 0;
  // A computer's full name is that of its account.
  const auto name = format == NameDisplay ? std::optional(account.account) : write_name(account, format);
  return name ? give_name<Form>(*name, buffer, size, Counted::without_nul) : BOOLEAN{0};
}

}  // namespace

}  // namespace sspi

BOOLEAN GetComputerObjectNameW(EXTENDED_NAME_FORMAT NameFormat, LPWSTR lpNameBuffer, PULONG nSize) {
  return sspi::boolean_boundary([&] { return sspi::computer_name<sspi::Wide>(NameFormat, lpNameBuffer, nSize); });
}

BOOLEAN GetComputerObjectNameA(EXTENDED_NAME_FORMAT NameFormat, LPSTR lpNameBuffer, PULONG nSize) {
  return sspi::boolean_boundary([&] { return sspi::computer_name<sspi::Ansi>(NameFormat, lpNameBuffer, nSize); });
}
