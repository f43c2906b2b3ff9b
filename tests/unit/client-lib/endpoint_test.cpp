#include "client-lib/endpoint.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace sspi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Paths = std::vector<std::string>;

class Endpoint : public testing::Test {
 protected:
  Endpoint() { clear(); }
  ~Endpoint() override { clear(); }

  static void clear() {
    for (const char* name : {"SSPI_SOCKET", "XDG_RUNTIME_DIR", "SSPI_CONNECT_TIMEOUT"}) unsetenv(name);
  }
};

TEST_F(Endpoint, is_the_system_s_by_default) { EXPECT_EQ(endpoints(), Paths{"/run/sspid/sspid.sock"}); }

TEST_F(Endpoint, is_the_user_s_own_where_there_is_no_system_s) {
  setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
  EXPECT_EQ(endpoints(), (Paths{"/run/sspid/sspid.sock", "/run/user/7/sspid.sock"}));
  setenv("XDG_RUNTIME_DIR", "relative", 1);
  EXPECT_EQ(endpoints(), Paths{"/run/sspid/sspid.sock"});
}

TEST_F(Endpoint, that_is_named_is_the_only_one) {
  setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
  setenv("SSPI_SOCKET", "/x/sock", 1);
  EXPECT_EQ(endpoints(), Paths{"/x/sock"});
}

TEST_F(Endpoint, is_waited_for_as_long_as_the_environment_says) {
  EXPECT_EQ(connect_timeout(), seconds{5});
  setenv("SSPI_CONNECT_TIMEOUT", "0", 1);
  EXPECT_EQ(connect_timeout(), milliseconds{0});
  setenv("SSPI_CONNECT_TIMEOUT", "12", 1);
  EXPECT_EQ(connect_timeout(), seconds{12});
  for (const char* nonsense : {"", "x", "3x", "-1", "999999999999", "3601"}) {
    setenv("SSPI_CONNECT_TIMEOUT", nonsense, 1);
    EXPECT_EQ(connect_timeout(), seconds{5}) << nonsense;
  }
}

}  // namespace
}  // namespace sspi
