#include "daemon/supervisor/policy.h"

#include <gtest/gtest.h>

namespace sspid::supervisor {
namespace {

TEST(Policy, without_configuration_serves_the_user_that_runs_it) {
  EXPECT_EQ(identity_of({.uid = 1000, .gid = 7, .pid = 42}, 1000), Identity{1000});
  EXPECT_EQ(identity_of({.uid = 0, .gid = 0, .pid = 42}, 0), Identity{0});
}

TEST(Policy, without_configuration_serves_nobody_else) {
  EXPECT_EQ(identity_of({.uid = 1001, .gid = 1000, .pid = 42}, 1000), std::nullopt);
  EXPECT_EQ(identity_of({.uid = 0, .gid = 0, .pid = 42}, 1000), std::nullopt) << "root is not the user";
  EXPECT_EQ(identity_of({.uid = 1000, .gid = 0, .pid = 42}, 0), std::nullopt) << "a user is not root";
}

}  // namespace
}  // namespace sspid::supervisor
