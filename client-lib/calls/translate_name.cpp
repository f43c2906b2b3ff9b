#include "client-lib/account_name.h"

namespace sspi {

namespace {

template <class Form>
BOOLEAN translate(const typename Form::Char* name, EXTENDED_NAME_FORMAT from, EXTENDED_NAME_FORMAT to,
                  typename Form::Char* buffer, ULONG* size) {
  if (name == nullptr || size == nullptr) return no("the name or nSize is NULL");
  const auto text = to_utf8(name);
  if (!text) return no("the name is not well-formed text");
  AccountName account;
  if (find_account(*text, from, account) != SEC_E_OK) return 0;
  const auto translated = write_name(account, to);
  return translated ? give_name<Form>(*translated, buffer, size, Counted::with_nul) : BOOLEAN{0};
}

}  // namespace

}  // namespace sspi

BOOLEAN TranslateNameW(LPCWSTR lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                       EXTENDED_NAME_FORMAT DesiredNameFormat, LPWSTR lpTranslatedName, PULONG nSize) {
  return sspi::boolean_boundary([&] {
    return sspi::translate<sspi::Wide>(lpAccountName, AccountNameFormat, DesiredNameFormat, lpTranslatedName, nSize);
  });
}

BOOLEAN TranslateNameA(LPCSTR lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                       EXTENDED_NAME_FORMAT DesiredNameFormat, LPSTR lpTranslatedName, PULONG nSize) {
  return sspi::boolean_boundary([&] {
    return sspi::translate<sspi::Ansi>(lpAccountName, AccountNameFormat, DesiredNameFormat, lpTranslatedName, nSize);
  });
}
