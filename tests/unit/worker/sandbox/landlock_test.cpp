#include "daemon/worker/sandbox/landlock.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "child.h"
#include "support/scratch.h"

namespace sspid::worker::sandbox {
namespace {

// These need a kernel with Landlock, as every one of Debian 12 is.
class LandlockTest : public ::testing::Test {
 protected:
  std::string file(const std::string& name) {
    const std::string path = directory_.file(name);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream{path} << "something";
    return path;
  }

  // An errno, 0 for none.
  static int open(const std::string& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (descriptor < 0) return errno;
    ::close(descriptor);
    return 0;
  }

  test::Directory directory_;
};

TEST_F(LandlockTest, directory_is_readable_with_all_it_will_hold_and_nothing_else_is) {
  const std::string inside = file("open/deep/inside"), outside = file("shut/outside");
  const std::string replacement = file("open/replacement");
  EXPECT_TRUE(well(in_child([&] {
    Landlock files;
    files.let_read(directory_.file("open"));
    files.let_write(directory_.file("open"));
    files.enforce();
    if (open(inside, O_RDONLY) != 0 || open(outside, O_RDONLY) != EACCES) return false;
    return open(directory_.file("open/new"), O_WRONLY | O_CREAT) == 0 &&
           open(directory_.file("open/new"), O_RDONLY) == 0;
  })));
}

TEST_F(LandlockTest, what_may_be_read_may_not_be_written) {
  const std::string inside = file("open/inside");
  EXPECT_TRUE(well(in_child([&] {
    Landlock files;
    files.let_read(directory_.file("open"));
    files.enforce();
    return open(inside, O_RDONLY) == 0 && open(inside, O_WRONLY) == EACCES &&
           open(directory_.file("open/new"), O_WRONLY | O_CREAT) == EACCES && ::unlink(inside.c_str()) != 0;
  })));
}

TEST_F(LandlockTest, single_file_is_enough) {
  const std::string one = file("one"), other = file("other");
  EXPECT_TRUE(well(in_child([&] {
    Landlock files;
    files.let_read(one);
    files.let_read(directory_.file("missing"));
    files.enforce();
    return open(one, O_RDONLY) == 0 && open(other, O_RDONLY) == EACCES;
  })));
}

TEST_F(LandlockTest, writable_directory_gets_files_but_neither_directories_nor_links) {
  const std::string there = file("open/there");
  EXPECT_TRUE(well(in_child([&] {
    Landlock files;
    files.let_write(directory_.file("open"));
    files.enforce();
    const std::string made = directory_.file("open/made");
    return open(there, O_RDWR | O_TRUNC) == 0 && ::mkdir(made.c_str(), 0700) != 0 &&
           ::symlink("/etc/shadow", made.c_str()) != 0 && ::mkfifo(made.c_str(), 0600) != 0 &&
           ::unlink(there.c_str()) == 0;
  })));
}

TEST_F(LandlockTest, nothing_is_executed) {
  EXPECT_TRUE(well(in_child([&] {
    Landlock files;
    files.let_read("/usr");
    files.let_read("/lib");
    files.let_read("/lib64");
    files.enforce();
    ::execl("/usr/bin/true", "true", nullptr);
    return errno == EACCES;
  })));
}

}  // namespace
}  // namespace sspid::worker::sandbox
