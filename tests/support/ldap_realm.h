// A realm whose KDC keeps its principals in OpenLDAP: only there does MIT's KDC know which service may act for its
// clients towards which other (S4U2Proxy). slapd listens on a socket in a directory of its own and goes with this.
// Needs the packages krb5-kdc-ldap, slapd and ldap-utils. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "process.h"
#include "realm.h"
#include "scratch.h"

namespace sspid::test {

/// slapd with nothing but the tree below which the realm will be.
class PrincipalDirectory {
 public:
  PrincipalDirectory();
  [[nodiscard]] std::string url() const;
  /// Changes an entry; `ldif` without its first line.
  void modify(const std::string& dn, const std::string& ldif);

 private:
  void write_configuration();
  [[nodiscard]] bool accepts() const;

  Directory directory_;
  std::optional<Process> slapd_;
};

class LdapRealm {
  PrincipalDirectory directory_;  // before the realm, which lives in it

 public:
  /// `sections` are further ones of krb5.conf.
  explicit LdapRealm(const std::string& sections = {});

  Realm realm;

  /// Lets `service` act for the clients that come to it, towards these services and no others. One that is also to act
  /// for users who never came needs realm.modify(service, "+ok_to_auth_as_delegate").
  void allow_delegation(const std::string& service, const std::vector<std::string>& targets);
};

}  // namespace sspid::test
