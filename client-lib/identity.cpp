#include "client-lib/identity.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "client-lib/identity_ex2.h"
#include "client-lib/text.h"
#include "proto/limits.h"

namespace sspi {

namespace {

using sspid::proto::kMaxName;

// The forms with pointers, in one shape: A and W differ in the type behind the pointers alone, and `flags` decides
// which it is, not the function that was called (E-018).
struct Fields {
  const void* user;
  ULONG user_length;
  const void* domain;
  ULONG domain_length;
  const void* password;
  ULONG password_length;
  ULONG flags;
  const void* package_list;
  ULONG package_list_length;
};

static_assert(sizeof(SEC_WINNT_AUTH_IDENTITY_A) == sizeof(SEC_WINNT_AUTH_IDENTITY_W));
static_assert(sizeof(SEC_WINNT_AUTH_IDENTITY_EXA) == sizeof(SEC_WINNT_AUTH_IDENTITY_EXW));

Fields plain_fields(const void* auth_data) {
  const auto& form = *static_cast<const SEC_WINNT_AUTH_IDENTITY_A*>(auth_data);
  return {form.User,         form.UserLength, form.Domain,
          form.DomainLength, form.Password,   form.PasswordLength,
          form.Flags,        nullptr,         0};
}

Fields ex_fields(const void* auth_data) {
  const auto& form = *static_cast<const SEC_WINNT_AUTH_IDENTITY_EXA*>(auth_data);
  return {form.User,           form.UserLength, form.Domain,      form.DomainLength,     form.Password,
          form.PasswordLength, form.Flags,      form.PackageList, form.PackageListLength};
}

SECURITY_STATUS refused(std::string_view what) { return failed(SEC_E_INVALID_PARAMETER, what); }

std::optional<std::string> convert(const void* text, ULONG length, bool wide) {
  if (length == 0) return std::string();
  if (text == nullptr || length > kMaxName) return std::nullopt;
  auto result = wide ? to_utf8(WideView(static_cast<const SEC_WCHAR*>(text), length))
                     : to_utf8(std::string_view(static_cast<const char*>(text), length));
  if (!result || result->size() > kMaxName || result->find('\0') != std::string::npos) return std::nullopt;
  return result;
}

std::optional<Secret> convert_password(const void* text, ULONG length, bool wide) {
  return wide ? password_of(WideView(static_cast<const SEC_WCHAR*>(text), length))
              : password_of(std::string_view(static_cast<const char*>(text), length));
}

SECURITY_STATUS read_fields(const Fields& fields, Identity& identity) {
  const ULONG encoding = fields.flags & (SEC_WINNT_AUTH_IDENTITY_ANSI | SEC_WINNT_AUTH_IDENTITY_UNICODE);
  if (encoding != SEC_WINNT_AUTH_IDENTITY_ANSI && encoding != SEC_WINNT_AUTH_IDENTITY_UNICODE)
    return refused("the identity's Flags must say either ANSI or UNICODE");
  const bool wide = encoding == SEC_WINNT_AUTH_IDENTITY_UNICODE;

  auto user = convert(fields.user, fields.user_length, wide);
  if (!user) return refused("the identity's User is too long or not a string");
  auto domain = convert(fields.domain, fields.domain_length, wide);
  if (!domain) return refused("the identity's Domain is too long or not a string");
  auto package_list = convert(fields.package_list, fields.package_list_length, wide);
  if (!package_list) return refused("the identity's PackageList is too long or not a string");
  if (fields.password != nullptr) {
    identity.password = convert_password(fields.password, fields.password_length, wide);
    if (!identity.password) return refused("the identity's Password is too long or not a string");
  } else if (fields.password_length != 0) {
    return refused("the identity's Password has a length but no pointer");
  }
  identity.user = std::move(*user);
  identity.domain = std::move(*domain);
  identity.package_list = std::move(*package_list);
  return SEC_E_OK;
}

}  // namespace

SECURITY_STATUS parse_identity(const void* auth_data, Identity& identity) {
  // The forms carry no tag: the first 32 bits are a version, or else part of the plain form's first pointer.
  std::uint32_t version = 0;
  std::memcpy(&version, auth_data, sizeof version);
  if (version == SEC_WINNT_AUTH_IDENTITY_VERSION) {
    if (static_cast<const SEC_WINNT_AUTH_IDENTITY_EXA*>(auth_data)->Length < sizeof(SEC_WINNT_AUTH_IDENTITY_EXA))
      return refused("the identity's Length is shorter than its structure");
    return read_fields(ex_fields(auth_data), identity);
  }
  if (version == SEC_WINNT_AUTH_IDENTITY_VERSION_2) return parse_ex2(ex2_at(auth_data), identity);
  return read_fields(plain_fields(auth_data), identity);
}

}  // namespace sspi
