// A realm in which one encryption type is all there is, and a daemon in it. Where keys of a better type are permitted
// the ends of a context agree on that, whatever their ticket says; so each type needs a realm of its own.
#pragma once

#include <string>

#include "daemon.h"
#include "realm.h"

namespace sspid::test {

class EnctypeWorld {
 public:
  explicit EnctypeWorld(const std::string& enctype)
      : realm({.key_enctypes = {enctype}, .permitted_enctypes = {enctype}, .libdefaults = {}, .sections = {}}),
        daemon(realm.environment()) {
    realm.enter();
  }

  Realm realm;
  DaemonProcess daemon;
};

}  // namespace sspid::test
