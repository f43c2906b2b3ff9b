// OpenLDAP's slapd for ldap@localhost with SASL mechanisms GSSAPI and GSS-SPNEGO, in a directory of its own. Its tree:
// dc=example,dc=test with uid=alice and uid=bob below, which only those may read who have logged on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "support/process.h"
#include "support/realm.h"
#include "support/scratch.h"

namespace sspid::test {

class Slapd {
 public:
  explicit Slapd(const Realm& realm);
  [[nodiscard]] std::uint16_t port() const { return port_.number(); }
  [[nodiscard]] std::string log() const { return read_text(directory_.file("log")); }

  /// A value of alice's entry, long enough to need several protected packets.
  static constexpr std::size_t kLongValue = 300'000;

 private:
  void write_configuration(const Realm& realm);
  void write_entries();

  Directory directory_;
  Port port_;
  std::optional<Process> process_;
};

}  // namespace sspid::test
