#include "daemon/supervisor/spawn.h"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

namespace sspid::supervisor {
namespace {

bool has(const std::vector<std::string>& environment, const std::string& entry) {
  return std::find(environment.begin(), environment.end(), entry) != environment.end();
}

TEST(Spawn, passes_on_what_kerberos_needs) {
  ASSERT_EQ(::setenv("KRB5_CONFIG", "/etc/other.conf", 1), 0);
  ASSERT_EQ(::setenv("GSS_MECH_CONFIG", "", 1), 0);
  const auto environment = worker_environment();
  ::unsetenv("KRB5_CONFIG");
  ::unsetenv("GSS_MECH_CONFIG");
  EXPECT_TRUE(has(environment, "KRB5_CONFIG=/etc/other.conf"));
  EXPECT_TRUE(has(environment, "GSS_MECH_CONFIG=")) << "set and empty is not the same as not set";
}

TEST(Spawn, passes_on_nothing_else) {
  for (const char* name : {"LD_PRELOAD_LIKE", "HOME", "KRB5_CONFIG_LIKE", "SSPI_SOCKET"}) ::setenv(name, "x", 1);
  ::unsetenv("KRB5_CONFIG");
  for (const std::string& entry : worker_environment())
    for (const char* name : {"LD_PRELOAD_LIKE=", "HOME=", "KRB5_CONFIG", "SSPI_SOCKET="})
      EXPECT_NE(entry.rfind(name, 0), 0U) << entry;
}

}  // namespace
}  // namespace sspid::supervisor
