#include "daemon/worker/rights.h"

#include <algorithm>
#include <string_view>

#include "daemon/worker/credential.h"
#include "daemon/worker/gss/names.h"

namespace sspid::worker {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Tries the last * again with one character more whenever the rest does not fit: never more than length times length.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = pattern.npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && lower(pattern[p]) == lower(text[t])) {
      ++p, ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

/// As Kerberos will name it, whichever way the program wrote it.
std::string canonical(const std::string& target) {
  gss::Target parsed = gss::parse_target(target);
  if (parsed.kind == gss::TargetKind::service) {
    std::replace(parsed.text.begin(), parsed.text.end(), '@', '/');
    return parsed.text;
  }
  return parsed.kind == gss::TargetKind::principal ? parsed.text : target;
}

bool has_realm(std::string_view pattern) { return pattern.find('@') != pattern.npos; }

bool is_any(const std::optional<Grant::Names>& patterns) { return !patterns || !patterns->empty(); }

std::string_view rule_for_clients(bool by_proxy) { return by_proxy ? "delegate.s4u2proxy" : "delegate.forwarded"; }

/// In the form "name@REALM" that names withheld keys, whichever form the program used.
bool is_withheld(const Grant& grant, const std::string& principal) {
  return std::any_of(grant.withheld.begin(), grant.withheld.end(), [&](const std::string& withheld) {
    return withheld == principal || withheld.substr(0, withheld.rfind('@')) == principal;
  });
}

}  // namespace

bool is_target_of(const Grant::Names& patterns, const std::string& target) {
  const std::string name = canonical(target);
  const std::string without_realm = name.substr(0, name.rfind('@'));
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return matches(pattern, has_realm(pattern) ? name : without_realm);
  });
}

Outcome no_such_package(const Grant& grant, std::string_view name) {
  Outcome outcome{SEC_E_SECPKG_NOT_FOUND, "there is no package \"" + std::string(name) + "\""};
  // What policy offers and is not there is not installed.
  if (grant.packages && is_known_package(name) && !is_named(*grant.packages, name))
    outcome.rule = grant.section.empty() ? "packages.offer" : "packages";
  return outcome;
}

Outcome limit_to(const Grant& grant, CredentialRequest& request) {
  const bool is_own = !request.identity && !request.keys;
  if (request.inbound && is_own && is_withheld(grant, request.principal))
    return {SEC_E_NOT_OWNER, "policy gives " + grant.identity + " no key of " + request.principal, "accept.principals"};
  const bool inbound = request.inbound && grant.accept;
  // What may be done for a client is asked when its tickets are there.
  const bool outbound = request.outbound && (grant.initiate || (request.for_client && is_own));
  if (!inbound && !outbound)
    return {SEC_E_NO_CREDENTIALS,
            "policy lets " + grant.identity + (request.inbound ? " accept nobody" : " initiate nothing"),
            request.inbound ? "accept" : "initiate"};
  if (!request.inbound || !request.outbound) return {};
  request.inbound = inbound;  // a credential for both directions is good for the one that is granted
  request.outbound = outbound;
  return {};
}

Outcome may_act_for_client(const Grant& grant, const TicketCache& tickets) {
  const bool by_proxy = tickets.acts_for_client();
  if (is_any(by_proxy ? grant.s4u2proxy : grant.forwarded)) return {};
  return {SEC_E_NOT_OWNER, "policy does not let " + grant.identity + " act for its clients",
          rule_for_clients(by_proxy)};
}

Outcome may_reach(const Grant& grant, const Credential& credential, const std::string& target) {
  const auto* patterns = &grant.targets;
  std::string_view rule = "initiate.targets";
  if (credential.is_of_client()) {
    const bool by_proxy = credential.kerberos_source().acts_for_client();
    patterns = by_proxy ? &grant.s4u2proxy : &grant.forwarded;
    rule = rule_for_clients(by_proxy);
  } else if (!grant.initiate) {
    return {SEC_E_NO_CREDENTIALS, "policy lets " + grant.identity + " initiate nothing", "initiate"};
  }
  if (!*patterns || is_target_of(**patterns, target)) return {};
  return {SEC_E_NOT_OWNER,
          "policy does not let " + grant.identity + " reach \"" + target + '"' +
              (credential.is_of_client() ? " for a client" : ""),
          rule};
}

Outcome may_change_passwords(const Grant& grant, const std::string& realm) {
  if (!grant.initiate) return {SEC_E_NOT_OWNER, "policy lets " + grant.identity + " initiate nothing", "initiate"};
  const std::string service = "kadmin/changepw@" + realm;
  if (!grant.targets || is_target_of(*grant.targets, service)) return {};
  return {SEC_E_NOT_OWNER, "policy does not let " + grant.identity + " reach \"" + service + '"', "initiate.targets"};
}

}  // namespace sspid::worker
