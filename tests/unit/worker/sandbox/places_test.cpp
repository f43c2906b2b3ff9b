#include "daemon/worker/sandbox/places.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/scratch.h"

namespace sspid::worker::sandbox {
namespace {

class Places : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& text) {
    const std::string path = directory_.file(name);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream{path} << text;
    return path;
  }
  std::string path(const std::string& name) { return directory_.file(name); }

  static bool has(const std::vector<std::string>& places, const std::string& place) {
    return std::find(places.begin(), places.end(), place) != places.end();
  }

  test::Directory directory_;
};

TEST_F(Places, profile_brings_its_directory_those_it_includes_and_paths_in_it) {
  file("more/one.conf", "[libdefaults]\n  x = y\n");
  file("even/more", "[realms]\n R = {\n  pkinit_anchors = FILE:/var/lib/ca/ca.pem\n }\n");
  file("more/two.conf", "include " + path("even/more") + "\n");
  const auto places = places_of_profile(file("etc/krb5.conf", "includedir " + path("more") +
                                                                  "\n[libdefaults]\n"
                                                                  "  default_keytab_name = FILE:/srv/keys/k\n"
                                                                  "  module = sss:/opt/sss/plugin.so\n"
                                                                  "  dir = /srv/a, /srv/b\n"));
  for (const std::string& place : {path("etc"), path("more"), path("even")}) EXPECT_TRUE(has(places, place)) << place;
  for (const char* place : {"/var/lib/ca/ca.pem", "/srv/keys/k", "/opt/sss/plugin.so", "/srv/a", "/srv/b"})
    EXPECT_TRUE(has(places, place)) << place;
}

TEST_F(Places, profile_brings_nothing_that_is_no_path) {
  const auto places = places_of_profile(file("krb5.conf",
                                             "[realms]\n"
                                             "  # keys = /commented/out\n"
                                             "  kdc = https://kdc.test/KdcProxy\n"
                                             "  cache = FILE:/tmp/krb5cc_%{uid}\n"
                                             "  separator = /\n"
                                             "  up = /..\n"
                                             "  host = a/b\n"));
  for (const std::string& place : places) EXPECT_EQ(place, directory_.path().string());
}

TEST_F(Places, profile_that_is_a_link_brings_the_directory_of_its_target) {
  file("var/lib/krb5.conf", "");
  std::filesystem::create_symlink(path("var/lib/krb5.conf"), path("krb5.conf"));
  EXPECT_TRUE(has(places_of_profile(path("krb5.conf")), path("var/lib")));
}

TEST_F(Places, profiles_that_include_each_other_come_to_an_end) {
  file("a.conf", "include " + path("b.conf") + "\n");
  file("b.conf", "include " + path("a.conf") + "\n");
  EXPECT_TRUE(has(places_of_profile(path("a.conf")), directory_.path()));
}

TEST_F(Places, mechanisms_bring_the_directories_of_their_libraries) {
  const auto places = places_of_mechanisms(file("mech",
                                                "# name oid library\n"
                                                "ntlm 1.3.6.1.4.1.311.2.2.10 /opt/ntlm/lib.so\n"
                                                "other 1.2.3 short.so\n"
                                                "#off 1.2.3 /opt/off/lib.so\n"));
  EXPECT_TRUE(has(places, "/opt/ntlm"));
  EXPECT_FALSE(has(places, "/opt/off"));
  EXPECT_TRUE(has(places, directory_.path()));
}

TEST_F(Places, missing_files_are_no_reason_to_fail) {
  EXPECT_TRUE(has(places_of_profile(path("none/krb5.conf")), path("none")));
  EXPECT_TRUE(has(places_of_mechanisms(path("none/mech")), path("none")));
}

}  // namespace
}  // namespace sspid::worker::sandbox
