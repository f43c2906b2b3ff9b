#include "daemon/worker/packages.h"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>

#include <spdlog/spdlog.h>
#include <sspi.h>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/mechanisms.h"

namespace sspid::worker {

namespace {

// Capabilities as Windows reports them, less what is not offered here: datagram contexts.
constexpr std::uint32_t kNegotiateCapabilities = 0x00083BB3;
constexpr std::uint32_t kKerberosCapabilities = 0x000F3BBF & ~static_cast<std::uint32_t>(SECPKG_FLAG_DATAGRAM);

constexpr std::uint32_t kNtlmCapabilities = 0x00082B37;
// Of a mechanism about which nothing is known but that GSS-API has it.
constexpr std::uint32_t kOtherCapabilities = SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY | SECPKG_FLAG_CONNECTION |
                                             SECPKG_FLAG_MULTI_REQUIRED | SECPKG_FLAG_EXTENDED_ERROR |
                                             SECPKG_FLAG_GSS_COMPATIBLE | SECPKG_FLAG_STREAM;
constexpr std::uint16_t kNoRpcId = 0xFFFF;

const std::array<Package, 3> kPackages = {{
    {"Negotiate", "Chooses the best package that both sides have (SPNEGO)", kNegotiateCapabilities,
     RPC_C_AUTHN_GSS_NEGOTIATE, 48256, gss::spnego(), true, Family::negotiate},
    {"Kerberos", "Kerberos version 5", kKerberosCapabilities, RPC_C_AUTHN_GSS_KERBEROS, 48000, gss::krb5(), false,
     Family::kerberos},
    {"NTLM", "NT LAN Manager, version 2", kNtlmCapabilities, RPC_C_AUTHN_WINNT, 2888, gss::ntlm(), false, Family::ntlm},
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

bool is_installed(gss_OID mechanism) {
  OM_uint32 minor = 0;
  gss::OidSet mechanisms;
  int present = 0;
  if (GSS_ERROR(gss_indicate_mechs(&minor, mechanisms.out()))) return false;
  gss_test_oid_set_member(&minor, mechanism, mechanisms.get(), &present);
  return present != 0;
}

/// A package that the configuration made, with the strings that its row points to.
struct Made {
  Mechanism mechanism;
  std::string oid;
  gss_OID_desc oid_view{};
  Package package{};
};

/// "1.3.6.1.5.2.5" as the contents of its DER form; empty where it is no object identifier.
std::string encode_oid(std::string_view text) {
  OM_uint32 minor = 0;
  gss_OID oid = GSS_C_NO_OID;
  gss_buffer_desc buffer = gss::borrow(text);
  if (GSS_ERROR(gss_str_to_oid(&minor, &buffer, &oid))) return {};
  std::string contents(static_cast<const char*>(oid->elements), oid->length);
  gss_release_oid(&minor, &oid);
  return contents;
}

/// Rows, which stay for ever, and what is offered of them now.
class Table {
 public:
  Table() { offer(Offer{}); }

  void offer(const Offer& wanted) {
    const std::lock_guard lock(mutex_);
    for (const Mechanism& mechanism : wanted.mechanisms) make_if_new(mechanism);
    auto offered = std::make_shared<Packages>();
    missing_.clear();
    for (const Package& package : kPackages) offer_if_wanted(package, wanted, *offered);
    for (const Made& made : made_) offer_if_wanted(made.package, wanted, *offered);
    offered_ = std::move(offered);
  }

  [[nodiscard]] std::shared_ptr<const Packages> offered() const {
    const std::lock_guard lock(mutex_);
    return offered_;
  }

  [[nodiscard]] std::vector<std::string> missing() const {
    const std::lock_guard lock(mutex_);
    return missing_;
  }

  [[nodiscard]] bool knows(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    return find_if([&](const Package& package) { return equal_ignoring_case(package.name, name); }) != nullptr;
  }

  [[nodiscard]] const Package* of(gss_OID mechanism) const {
    const std::lock_guard lock(mutex_);
    return find_if([&](const Package& package) { return gss::same_mechanism(package.mechanism, mechanism); });
  }

 private:
  template <class Predicate>
  [[nodiscard]] const Package* find_if(Predicate matches) const {
    for (const Package& package : kPackages)
      if (matches(package)) return &package;
    for (const Made& made : made_)
      if (matches(made.package)) return &made.package;
    return nullptr;
  }

  void make_if_new(const Mechanism& mechanism) {
    const auto is_it = [&](const Made& made) { return equal_ignoring_case(made.mechanism.name, mechanism.name); };
    const auto known = std::find_if(made_.begin(), made_.end(), is_it);
    if (known == made_.end()) return make(mechanism);
    if (known->mechanism.oid != mechanism.oid)
      spdlog::warn("package {} stays the mechanism {} in this process", mechanism.name, known->mechanism.oid);
  }

  void make(const Mechanism& mechanism) {
    std::string oid = encode_oid(mechanism.oid);
    if (oid.empty()) return spdlog::warn("\"{}\" is no object identifier", mechanism.oid);
    Made& made = made_.emplace_back();
    made.mechanism = mechanism;
    made.oid = std::move(oid);
    made.oid_view = {static_cast<OM_uint32>(made.oid.size()), made.oid.data()};
    made.package = {
        made.mechanism.name, made.mechanism.comment, kOtherCapabilities, kNoRpcId, 48000, &made.oid_view, false,
        Family::other};
  }

  void offer_if_wanted(const Package& package, const Offer& wanted, Packages& offered) {
    if (wanted.packages && !is_named(*wanted.packages, package.name)) return;
    if (is_installed(package.mechanism)) return offered.push_back(&package);
    if (!wanted.packages) return;
    spdlog::warn("package {} is not offered: its mechanism is not installed", package.name);
    missing_.emplace_back(package.name);
  }

  mutable std::mutex mutex_;
  std::shared_ptr<const Packages> offered_;
  std::vector<std::string> missing_;
  std::deque<Made> made_;  // rows do not move
};

Table& table() {
  static Table only;
  return only;
}

}  // namespace

void offer_packages(const Offer& offer) { table().offer(offer); }

std::shared_ptr<const Packages> offered_packages() { return table().offered(); }

std::vector<std::string> missing_packages() { return table().missing(); }

bool is_offered(const Package& package) {
  const auto offered = offered_packages();
  return std::find(offered->begin(), offered->end(), &package) != offered->end();
}

const Package* find_package(std::string_view name) {
  const auto offered = offered_packages();
  for (const Package* package : *offered)
    if (equal_ignoring_case(package->name, name)) return package;
  return nullptr;
}

bool is_known_package(std::string_view name) { return table().knows(name); }

bool is_named(const std::vector<std::string>& packages, std::string_view name) {
  return std::any_of(packages.begin(), packages.end(),
                     [&](const std::string& each) { return equal_ignoring_case(each, name); });
}

const Package* package_of(gss_OID mechanism) { return table().of(mechanism); }

const Package& kerberos() { return kPackages[1]; }
const Package& ntlm_package() { return kPackages[2]; }

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
