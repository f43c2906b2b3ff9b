#include "daemon/worker/named_cache.h"

#include <gtest/gtest.h>

namespace sspid::worker {
namespace {

TEST(NamedCache, is_shared_by_a_users_processes_or_says_why_not) {
  for (const char* name : {"KCM:", "KCM:1000:tickets", "KEYRING:persistent:1000", "KEYRING:user:tickets"})
    EXPECT_EQ(why_unshared(name), "") << name;
  for (const char* name : {"MEMORY:sspid-0", "FILE:/etc/shadow", "DIR:/root", "KEYRING:session:tickets",
                           "KEYRING:tickets", "KEYRING:persistent", "kcm:", "", "/etc/shadow"})
    EXPECT_NE(why_unshared(name), "") << name;
}

}  // namespace
}  // namespace sspid::worker
