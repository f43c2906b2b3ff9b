// A keeper of ticket caches for all users (KCM): the real sssd_kcm, with a configuration, a database and a socket of
// its own. It sees those in the places where it was built to look, in a mount namespace that nobody shares. Needs root.
#pragma once

#include <optional>
#include <string>

#include "process.h"
#include "scratch.h"

namespace sspid::test {

class Kcm {
 public:
  /// Listens on this path, which krb5.conf has as kcm_socket.
  explicit Kcm(std::string socket);

  void stop();
  void start();

 private:
  std::string socket_;
  Directory directory_;
  std::optional<Process> process_;
};

}  // namespace sspid::test
