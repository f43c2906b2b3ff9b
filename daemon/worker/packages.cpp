#include "daemon/worker/packages.h"

#include <algorithm>
#include <array>

#include <sspi.h>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/mechanisms.h"

namespace sspid::worker {

namespace {

// Capabilities as Windows reports them, less what is not offered here: datagram contexts.
constexpr std::uint32_t kNegotiateCapabilities = 0x00083BB3;
constexpr std::uint32_t kKerberosCapabilities = 0x000F3BBF & ~static_cast<std::uint32_t>(SECPKG_FLAG_DATAGRAM);

const std::array<Package, 2> kPackages = {{
    {"Negotiate", "Chooses the best package that both sides have (SPNEGO)", kNegotiateCapabilities,
     RPC_C_AUTHN_GSS_NEGOTIATE, 48256, gss::spnego(), true},
    {"Kerberos", "Kerberos version 5", kKerberosCapabilities, RPC_C_AUTHN_GSS_KERBEROS, 48000, gss::krb5(), false},
}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<const Package*> find_installed() {
  OM_uint32 minor = 0;
  gss_OID_set mechanisms = GSS_C_NO_OID_SET;
  if (GSS_ERROR(gss_indicate_mechs(&minor, &mechanisms))) return {};
  std::vector<const Package*> found;
  for (const Package& package : kPackages) {
    int present = 0;
    gss_test_oid_set_member(&minor, package.mechanism, mechanisms, &present);
    if (present) found.push_back(&package);
  }
  gss_release_oid_set(&minor, &mechanisms);
  return found;
}

}  // namespace

const std::vector<const Package*>& installed_packages() {
  static const std::vector<const Package*> installed = find_installed();
  return installed;
}

const Package* find_package(std::string_view name) {
  for (const Package* package : installed_packages())
    if (equal_ignoring_case(package->name, name)) return package;
  return nullptr;
}

const Package* package_of(gss_OID mechanism) {
  for (const Package& package : kPackages)
    if (gss::same_mechanism(package.mechanism, mechanism)) return &package;
  return nullptr;
}

const Package& kerberos() { return kPackages[1]; }

bool package_list_admits(std::string_view list, const Package& package) {
  bool names_any = false;
  bool names_this = false;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view entry = trimmed(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (entry.empty()) continue;
    if (entry.front() == '!') {
      if (equal_ignoring_case(trimmed(entry.substr(1)), package.name)) return false;
      continue;
    }
    names_any = true;
    names_this = names_this || equal_ignoring_case(entry, package.name);
  }
  return names_this || !names_any;
}

}  // namespace sspid::worker
