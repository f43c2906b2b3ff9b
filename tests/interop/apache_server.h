// Apache with mod_auth_gssapi for HTTP@localhost, in a directory of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "support/process.h"
#include "support/realm.h"
#include "support/scratch.h"

namespace sspid::test {

/// Below /negotiate/ every mechanism is welcome, below /krb5/ Kerberos alone. The answer names who was authenticated in
/// the field X-Remote-User.
class ApacheServer {
 public:
  explicit ApacheServer(const Realm& realm);
  [[nodiscard]] std::uint16_t port() const { return port_.number(); }
  [[nodiscard]] std::string log() const { return read_text(directory_.file("error.log")); }

 private:
  void write_configuration();

  Directory directory_;
  Port port_;
  std::optional<Process> process_;
};

}  // namespace sspid::test
