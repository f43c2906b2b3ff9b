// What drop_privileges takes away is gone for good, so each case does it in a child.
#include "daemon/worker/privileges.h"

#include <cstdlib>

#include <gtest/gtest.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sspid::worker {
namespace {

long session_key(const char* description) {
  return ::syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", description, 0);
}

std::optional<Ids> somebody() { return ::geteuid() == 0 ? std::optional(Ids{1234, 4321}) : std::nullopt; }

TEST(Privileges, of_keys_that_who_started_it_has_are_gone) {
  constexpr const char* kKey = "sspid-test";
  EXPECT_EXIT(
      {
        const bool has_keyrings = ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr) >= 0;
        if (has_keyrings) {
          (void)::syscall(SYS_add_key, "user", kKey, "secret", 6, KEY_SPEC_SESSION_KEYRING);
          if (session_key(kKey) < 0) std::exit(2);
        }
        drop_privileges(somebody());
        std::exit(session_key(kKey) < 0 ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace sspid::worker
