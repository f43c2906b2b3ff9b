#include "client-lib/endpoint.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client-lib/client_file.h"

namespace sspi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Paths = std::vector<std::string>;

// Files below a directory that goes with the test.
class Endpoint : public testing::Test {
 protected:
  Endpoint() {
    clear();
    char name[] = "/tmp/endpoint-test.XXXXXX";
    EXPECT_NE(mkdtemp(name), nullptr);
    directory_ = name;
    places_.system_file = directory_ / "system.conf";
    std::filesystem::create_directories(users_file().parent_path());
  }
  ~Endpoint() override {
    clear();
    std::filesystem::remove_all(directory_);
  }

  static void clear() {
    for (const char* name : {"SSPI_SOCKET", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "HOME", "SSPI_CONNECT_TIMEOUT"})
      unsetenv(name);
  }

  std::filesystem::path users_file() const { return directory_ / "config/sspid/client.conf"; }
  void write_users(const std::string& text) {
    std::ofstream(users_file()) << text;
    setenv("XDG_CONFIG_HOME", (directory_ / "config").c_str(), 1);
  }
  void write_systems(const std::string& text) { std::ofstream(places_.system_file) << text; }

  Paths paths() {
    const Choice choice = choose_daemon(places_);
    EXPECT_EQ(choice.mistake, "");
    return choice.paths;
  }
  milliseconds patience() { return choose_daemon(places_).patience; }
  std::string mistake() {
    const Choice choice = choose_daemon(places_);
    EXPECT_EQ(choice.paths, Paths{});
    return choice.mistake;
  }

  std::filesystem::path directory_;
  Places places_;
};

TEST_F(Endpoint, is_the_system_s_by_default) { EXPECT_EQ(paths(), Paths{"/run/sspid/sspid.sock"}); }

TEST_F(Endpoint, is_the_user_s_own_where_there_is_no_system_s) {
  setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
  EXPECT_EQ(paths(), (Paths{"/run/sspid/sspid.sock", "/run/user/7/sspid.sock"}));
  setenv("XDG_RUNTIME_DIR", "relative", 1);
  EXPECT_EQ(paths(), Paths{"/run/sspid/sspid.sock"});
}

TEST_F(Endpoint, that_is_named_is_the_only_one) {
  setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
  write_systems("socket = /systems\n");
  EXPECT_EQ(paths(), Paths{"/systems"});
  write_users("socket = embedded:\n");
  EXPECT_EQ(paths(), Paths{"embedded:"});
  setenv("SSPI_SOCKET", "/x/sock", 1);
  EXPECT_EQ(paths(), Paths{"/x/sock"});
  setenv("SSPI_SOCKET", "", 1);
  EXPECT_EQ(paths(), Paths{"embedded:"}) << "empty is as good as absent";
}

TEST_F(Endpoint, file_of_the_user_is_below_the_home_directory) {
  std::filesystem::create_directories(directory_ / ".config/sspid");
  std::ofstream(directory_ / ".config/sspid/client.conf") << "socket = /home\n";
  setenv("HOME", directory_.c_str(), 1);
  EXPECT_EQ(paths(), Paths{"/home"});
  write_users("socket = /config\n");
  EXPECT_EQ(paths(), Paths{"/config"});
  setenv("XDG_CONFIG_HOME", "config", 1);
  EXPECT_EQ(paths(), Paths{"/home"}) << "a relative one is to be ignored";
}

TEST_F(Endpoint, is_waited_for_as_long_as_the_environment_says) {
  EXPECT_EQ(patience(), seconds{5});
  setenv("SSPI_CONNECT_TIMEOUT", "0", 1);
  EXPECT_EQ(patience(), milliseconds{0});
  setenv("SSPI_CONNECT_TIMEOUT", "12", 1);
  EXPECT_EQ(patience(), seconds{12});
  for (const char* nonsense : {"", "x", "3x", "-1", "999999999999", "3601"}) {
    setenv("SSPI_CONNECT_TIMEOUT", nonsense, 1);
    EXPECT_EQ(patience(), seconds{5}) << nonsense;
  }
}

TEST_F(Endpoint, is_waited_for_as_long_as_the_files_say) {
  write_systems("connect_timeout = 7");
  EXPECT_EQ(patience(), seconds{7});
  write_users("connect_timeout = 8");
  EXPECT_EQ(patience(), seconds{8});
  EXPECT_EQ(paths(), Paths{"/run/sspid/sspid.sock"});
  setenv("SSPI_CONNECT_TIMEOUT", "9", 1);
  EXPECT_EQ(patience(), seconds{9});
}

TEST_F(Endpoint, is_none_where_a_file_has_a_mistake) {
  write_systems("socket = relative\n");
  EXPECT_TRUE(mistake().starts_with(places_.system_file + ":1: ")) << mistake();
  write_users("# first\n\nsockt = /x\n");
  EXPECT_TRUE(mistake().starts_with(users_file().string() + ":3: ")) << mistake();
}

TEST_F(Endpoint, file_that_everybody_may_write_is_a_mistake) {
  write_users("socket = /x\n");
  std::filesystem::permissions(users_file(), std::filesystem::perms{0666});
  EXPECT_NE(mistake(), "");
}

TEST_F(Endpoint, file_that_is_no_file_is_a_mistake_and_is_not_waited_for) {
  ASSERT_EQ(mkfifo(places_.system_file.c_str(), 0600), 0);
  EXPECT_NE(mistake(), "");
  std::filesystem::remove(places_.system_file);
  std::filesystem::create_directory(places_.system_file);
  EXPECT_NE(mistake(), "");
}

TEST_F(Endpoint, is_absent_where_not_even_its_directory_is_there) {
  EXPECT_FALSE(is_absent(directory_ / "socket"));
  EXPECT_TRUE(is_absent(directory_ / "no" / "socket"));
  EXPECT_FALSE(is_absent("/socket"));
  EXPECT_FALSE(is_absent("embedded:"));
}

// The owner decides whether a file is meant for this process.
class EndpointOfAnother : public Endpoint {
  void TestBody() override {
    write_users("socket = /x\n");
    ASSERT_EQ(::chown(users_file().c_str(), 65534, 65534), 0);
    EXPECT_EQ(paths(), Paths{"/run/sspid/sspid.sock"});
    write_systems("socket = /x\n");
    ASSERT_EQ(::chown(places_.system_file.c_str(), 65534, 65534), 0);
    EXPECT_NE(mistake(), "");
  }
};

// Only root can give a file away.
[[maybe_unused]] const testing::TestInfo* const kRootOnly =
    geteuid() == 0 ? testing::RegisterTest("Endpoint", "is_not_named_by_files_of_other_users", nullptr, nullptr,
                                           __FILE__, __LINE__, []() -> Endpoint* { return new EndpointOfAnother; })
                   : nullptr;

}  // namespace
}  // namespace sspi
