#include "daemon/supervisor/replay_directory.h"

#include <filesystem>
#include <system_error>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"

namespace sspid::supervisor {
namespace {

struct stat status_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status;
}

TEST(ReplayDirectory, is_closed_to_all_but_its_owner) {
  const test::Directory directory;
  const uid_t owner = ::geteuid() == 0 ? 60'800 : ::geteuid();
  const std::string path = make_replay_directory(directory.file("state"), "service.web", owner);
  EXPECT_EQ(status_of(path).st_uid, owner);
  EXPECT_EQ(status_of(path).st_mode & 07777, 0700U);
  EXPECT_EQ(owner_of_replay_directory(directory.file("state"), "service.web"), owner);
}

TEST(ReplayDirectory, stays_when_it_is_there) {
  const test::Directory directory;
  const std::string path = make_replay_directory(directory.file("state"), "user.7", ::geteuid());
  std::filesystem::create_directory(path + "/kept");
  EXPECT_EQ(make_replay_directory(directory.file("state"), "user.7", ::geteuid()), path);
  EXPECT_TRUE(std::filesystem::exists(path + "/kept"));
}

TEST(ReplayDirectory, gets_its_mode_back) {
  const test::Directory directory;
  const uid_t owner = ::geteuid() == 0 ? 60'800 : ::geteuid();
  const std::string path = make_replay_directory(directory.file("state"), "service.web", owner);
  ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  make_replay_directory(directory.file("state"), "service.web", owner);
  EXPECT_EQ(status_of(path).st_uid, owner);
  EXPECT_EQ(status_of(path).st_mode & 07777, 0700U);
}

TEST(ReplayDirectory, lets_its_owner_come_through_whatever_the_umask_is) {
  const test::Directory directory;
  const mode_t before = ::umask(0077);
  make_replay_directory(directory.file("state"), "user.7", ::geteuid());
  ::umask(before);
  EXPECT_EQ(status_of(directory.file("state")).st_mode & 07777, 0755U);
  EXPECT_EQ(status_of(directory.file("state/rcache")).st_mode & 07777, 0711U);
}

TEST(ReplayDirectory, is_never_somewhere_else_through_a_link) {
  const test::Directory directory;
  make_replay_directory(directory.file("state"), "user.7", ::geteuid());
  std::filesystem::create_directory(directory.file("elsewhere"));
  std::filesystem::create_symlink(directory.file("elsewhere"), directory.file("state") + "/rcache/user.8");
  EXPECT_THROW(static_cast<void>(make_replay_directory(directory.file("state"), "user.8", ::geteuid())),
               std::system_error);
  EXPECT_EQ(owner_of_replay_directory(directory.file("state"), "user.8"), 0U);
}

TEST(ReplayDirectory, has_no_owner_while_it_is_not_there) {
  const test::Directory directory;
  EXPECT_EQ(owner_of_replay_directory(directory.file("state"), "service.web"), 0U);
}

}  // namespace
}  // namespace sspid::supervisor
