#include <algorithm>

#include "client-lib/auth_identity.h"
#include "client-lib/c_boundary.h"

namespace sspi {

namespace {

// A to Z alone: what other letters match depends on a locale, which a comparison of users must not.
bool same_name(const std::optional<WideText>& a, const std::optional<WideText>& b) {
  if (a.has_value() != b.has_value()) return false;
  if (!a) return true;
  const auto lower = [](SEC_WCHAR c) { return c >= 'A' && c <= 'Z' ? static_cast<SEC_WCHAR>(c + ('a' - 'A')) : c; };
  return std::equal(a->begin(), a->end(), b->begin(), b->end(),
                    [&](SEC_WCHAR x, SEC_WCHAR y) { return lower(x) == lower(y); });
}

// One password may be packed in several ways. What is encrypted is compared as it is.
bool same_credential(const IdentityContent& a, const IdentityContent& b) {
  const auto same = [](std::span<const std::byte> x, std::span<const std::byte> y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end());
  };
  if (a.is_encrypted() || b.is_encrypted()) return a.flags == b.flags && same(a.packed.bytes(), b.packed.bytes());
  const auto x = packed_credential(a.packed.bytes()), y = packed_credential(b.packed.bytes());
  if (!x || !y || x->kind != y->kind) return false;
  return x->kind == PackedKind::unknown ? same(a.packed.bytes(), b.packed.bytes()) : same(x->data, y->data);
}

SECURITY_STATUS compare(const void* first, const void* second, BOOLEAN* same_user, BOOLEAN* same_identity) {
  if (same_user == nullptr || same_identity == nullptr)
    return failed(SEC_E_INVALID_PARAMETER, "a place for a result is NULL");
  *same_user = *same_identity = 0;
  if (first == nullptr || second == nullptr) {
    *same_user = *same_identity = first == second ? 1 : 0;
    return SEC_E_OK;
  }
  IdentityContent a, b;
  if (const SECURITY_STATUS status = read_content(first, a); status != SEC_E_OK) return status;
  if (const SECURITY_STATUS status = read_content(second, b); status != SEC_E_OK) return status;
  *same_user = same_name(a.user, b.user) && same_name(a.domain, b.domain) ? 1 : 0;
  *same_identity = *same_user != 0 && same_credential(a, b) ? 1 : 0;
  return SEC_E_OK;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SspiCompareAuthIdentities(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity1,
                                          PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity2, PBOOLEAN SameSuppliedUser,
                                          PBOOLEAN SameSuppliedIdentity) {
  return sspi::c_boundary(
      [&] { return sspi::compare(AuthIdentity1, AuthIdentity2, SameSuppliedUser, SameSuppliedIdentity); });
}
