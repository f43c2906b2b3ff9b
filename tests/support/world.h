// The realm and the daemon that all cases of a test executable share. They start with the first use and end with the
// last case. Executables that link test_support without a main() of their own get one from here.
#pragma once

#include "daemon.h"
#include "realm.h"

namespace sspid::test {

struct World {
  World();

  Realm realm;
  DaemonProcess daemon;
};

/// How the realm is to be; changed before the first use only, by an executable whose cases want another than usual.
[[nodiscard]] Realm::Options& realm_options();

/// The test process itself is in the realm, too: KRB5CCNAME, KRB5_CONFIG … and SSPI_SOCKET are set.
World& world();

}  // namespace sspid::test
