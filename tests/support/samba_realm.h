// A throwaway domain of Active Directory: Samba's domain controller with a directory of its own, of which only the KDC
// runs. Its tickets carry the whole PAC. Ready within ten seconds; needs root, as Samba's provisioning does.
//
// One SambaRealm serves all cases of a test executable. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "process.h"
#include "scratch.h"

namespace sspid::test {

/// A user as the directory itself looks him up.
struct DomainUser {
  std::string sid;
  std::string primary_group;
  std::set<std::string> groups;                             ///< the primary one included
  std::optional<std::int64_t> password_ends, account_ends;  ///< in seconds since 1970; nothing: never
};

class SambaRealm {
 public:
  static constexpr const char* kService = "HTTP/server.ad.example.test";

  /// Realm AD.EXAMPLE.TEST with alice and bob (samba_domain.py says more), tickets of alice in cache(), the service's
  /// keys in keytab(). `realm` are lines for the realm's own section of krb5.conf.
  explicit SambaRealm(const std::string& realm = {});
  SambaRealm(const SambaRealm&) = delete;
  SambaRealm& operator=(const SambaRealm&) = delete;

  [[nodiscard]] std::string cache() const { return directory_.file("cc"); }
  [[nodiscard]] std::string keytab() const { return directory_.file("server.keytab"); }
  /// As Realm::environment() and Realm::enter().
  [[nodiscard]] Environment environment() const;
  void enter() const;

  void kinit(const std::string& user, const std::string& password, const std::string& cache);
  [[nodiscard]] const DomainUser& alice() const { return alice_; }
  [[nodiscard]] const DomainUser& bob() const { return bob_; }

 private:
  void write_configuration(const std::string& realm);
  [[nodiscard]] std::string provision();  ///< what samba_domain.py tells

  Directory directory_;
  Port port_;
  DomainUser alice_, bob_;
  std::optional<Process> samba_;
};

}  // namespace sspid::test
