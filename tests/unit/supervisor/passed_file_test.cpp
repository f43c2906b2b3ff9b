// What a worker is given of a keytab: the file's very bytes, sealed, and again whenever the file is another.
#include "daemon/supervisor/passed_file.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/limits.h"
#include "scratch.h"

namespace sspid::supervisor {
namespace {

void write(const std::string& path, const std::string& content) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << content;
}

std::string content_of(const proto::Descriptor& file) {
  struct stat status {};
  EXPECT_EQ(::fstat(file.get(), &status), 0);
  std::string content(static_cast<std::size_t>(status.st_size), '\0');
  EXPECT_EQ(::pread(file.get(), content.data(), content.size(), 0), status.st_size);
  return content;
}

bool readable(int descriptor) {
  pollfd wanted{descriptor, POLLIN, 0};
  return ::poll(&wanted, 1, 0) == 1;
}

class PassedFileTest : public ::testing::Test {
 protected:
  test::Directory directory_;
  const std::string path_ = directory_.file("http.keytab");
  const std::string old_{"\x05\x02\0old key", 9};
  const std::string new_{"\x05\x02\0new key", 9};
};

TEST(KeytabPath, is_what_the_variable_names) {
  EXPECT_EQ(keytab_path("/srv/a.keytab"), "/srv/a.keytab");
  EXPECT_EQ(keytab_path("FILE:/srv/a.keytab"), "/srv/a.keytab");
  EXPECT_EQ(keytab_path("WRFILE:/srv/a.keytab"), "/srv/a.keytab");
  EXPECT_EQ(keytab_path("a.keytab"), "a.keytab");
  EXPECT_EQ(keytab_path("/srv/a:b"), "/srv/a:b");
}

TEST(KeytabPath, is_the_systems_where_nothing_is_named) {
  EXPECT_EQ(keytab_path(nullptr), "/etc/krb5.keytab");
  EXPECT_EQ(keytab_path(""), "/etc/krb5.keytab");
}

TEST(KeytabPath, is_none_for_keytabs_that_are_no_file) {
  EXPECT_EQ(keytab_path("MEMORY:x"), std::nullopt);
  EXPECT_EQ(keytab_path("KDB:"), std::nullopt);
  EXPECT_EQ(keytab_path("KCM:0"), std::nullopt);
}

TEST_F(PassedFileTest, copy_has_the_bytes_of_the_file) {
  write(path_, old_);
  EXPECT_EQ(content_of(PassedFile{"keytab", path_}.copy()), old_);
}

TEST_F(PassedFileTest, copy_can_be_read_from_its_beginning) {
  write(path_, old_);
  EXPECT_EQ(::lseek(PassedFile{"keytab", path_}.copy().get(), 0, SEEK_CUR), 0);
}

TEST_F(PassedFileTest, copy_can_be_changed_by_nobody) {
  write(path_, old_);
  const auto copy = PassedFile{"keytab", path_}.copy();
  EXPECT_EQ(::fcntl(copy.get(), F_GET_SEALS), F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  EXPECT_EQ(::pwrite(copy.get(), "x", 1, 0), -1);
  EXPECT_EQ(::ftruncate(copy.get(), 0), -1);
  EXPECT_EQ(::ftruncate(copy.get(), 100), -1);
  EXPECT_EQ(::mmap(nullptr, old_.size(), PROT_WRITE, MAP_SHARED, copy.get(), 0), MAP_FAILED);
}

TEST_F(PassedFileTest, earlier_copy_stays_when_the_file_changes) {
  write(path_, old_);
  PassedFile keytab{"keytab", path_};
  const auto earlier = keytab.copy();
  write(path_, new_);
  EXPECT_EQ(content_of(keytab.copy()), new_);
  EXPECT_EQ(content_of(earlier), old_);
}

TEST_F(PassedFileTest, is_changed_until_copied) {
  write(path_, old_);
  PassedFile keytab{"keytab", path_};
  EXPECT_TRUE(keytab.changed());
  EXPECT_TRUE(keytab.copy());
  EXPECT_FALSE(keytab.changed());
}

TEST_F(PassedFileTest, is_changed_by_an_appended_entry) {
  write(path_, old_);
  PassedFile keytab{"keytab", path_};
  EXPECT_TRUE(keytab.copy());
  std::ofstream{path_, std::ios::binary | std::ios::app} << "more";
  EXPECT_TRUE(keytab.changed());
}

TEST_F(PassedFileTest, is_changed_by_another_file_in_its_place) {
  write(path_, old_);
  PassedFile keytab{"keytab", path_};
  EXPECT_TRUE(keytab.copy());
  write(path_ + ".new", old_);
  std::filesystem::last_write_time(path_ + ".new", std::filesystem::last_write_time(path_));
  std::filesystem::rename(path_ + ".new", path_);
  EXPECT_TRUE(keytab.changed()) << "same size and time, another file";
}

TEST_F(PassedFileTest, is_none_when_it_is_not_there_and_noticed_when_it_comes) {
  PassedFile keytab{"keytab", path_};
  EXPECT_FALSE(keytab.copy());
  EXPECT_FALSE(keytab.changed());
  write(path_, new_);
  EXPECT_TRUE(keytab.changed());
  EXPECT_EQ(content_of(keytab.copy()), new_);
}

TEST_F(PassedFileTest, is_none_when_it_has_gone) {
  write(path_, old_);
  PassedFile keytab{"keytab", path_};
  EXPECT_TRUE(keytab.copy());
  std::filesystem::remove(path_);
  EXPECT_TRUE(keytab.changed());
  EXPECT_FALSE(keytab.copy());
  EXPECT_FALSE(keytab.changed());
}

TEST_F(PassedFileTest, is_none_when_it_is_no_regular_file) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_FALSE((PassedFile{"keytab", path_}.copy()));
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_FALSE((PassedFile{"keytab", path_}.copy()));
}

TEST_F(PassedFileTest, is_taken_up_to_the_limit_and_not_beyond) {
  write(path_, old_);
  std::filesystem::resize_file(path_, proto::kMaxKeyFile);
  EXPECT_TRUE((PassedFile{"keytab", path_}.copy()));
  std::filesystem::resize_file(path_, proto::kMaxKeyFile + 1);
  EXPECT_FALSE((PassedFile{"keytab", path_}.copy()));
}

TEST_F(PassedFileTest, watch_tells_when_the_file_comes_changes_and_goes) {
  PassedFile keytab{"keytab", path_};
  ASSERT_GE(keytab.watch(), 0);
  EXPECT_FALSE(readable(keytab.watch()));
  write(path_, old_);
  EXPECT_TRUE(readable(keytab.watch()));
  EXPECT_TRUE(keytab.drain_watch());
  EXPECT_FALSE(readable(keytab.watch()));
  write(path_, new_);
  EXPECT_TRUE(keytab.drain_watch());
  std::filesystem::rename(path_, path_ + ".old");
  EXPECT_TRUE(keytab.drain_watch());
  std::filesystem::rename(path_ + ".old", path_);
  EXPECT_TRUE(keytab.drain_watch());
  std::filesystem::remove(path_);
  EXPECT_TRUE(keytab.drain_watch());
}

TEST_F(PassedFileTest, watch_leaves_out_other_files) {
  PassedFile keytab{"keytab", path_};
  write(path_ + "2", old_);
  std::filesystem::remove(path_ + "2");
  EXPECT_TRUE(readable(keytab.watch()));
  EXPECT_FALSE(keytab.drain_watch());
}

TEST_F(PassedFileTest, needs_no_directory_to_watch) {
  PassedFile keytab{"keytab", directory_.file("not-there/http.keytab")};
  EXPECT_EQ(keytab.watch(), -1);
  EXPECT_FALSE(keytab.copy());
}

}  // namespace
}  // namespace sspid::supervisor
