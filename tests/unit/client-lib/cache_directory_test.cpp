#include "client-lib/cache_directory.h"

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sspi {
namespace {

const Principal kAlice{{"alice"}, "R"};
const Principal kBob{{"bob"}, "R"};
const Principal kCarol{{"carol"}, "R"};

class CacheDirectory : public testing::Test {
 protected:
  CacheDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "caches-XXXXXX";
    if (mkdtemp(name.data()) != nullptr) path_ = name;
    write_cache("tkt", kAlice);
    write_cache("tktbob", kBob);
    write("other", "no cache");
    write("tktbroken", "no cache either");
  }
  ~CacheDirectory() override { std::filesystem::remove_all(path_); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ + '/' + name) << text; }

  void write_cache(const std::string& name, const Principal& owner) const {
    const auto counted = [](const std::string& text) {
      return std::string("\0\0\0", 3) + static_cast<char>(text.size()) + text;
    };
    write(name, std::string("\x05\x04\0\0\0\0\0\x01\0\0\0\x01", 12) + counted(owner.realm) +
                    counted(owner.components.front()));
  }

  void expect(const std::string& file, const std::optional<Principal>& wanted = std::nullopt) const {
    const CacheFile cache = open_in_cache_directory(path_, wanted);
    EXPECT_EQ(cache.path, path_ + '/' + file);
    EXPECT_TRUE(cache.file);
    EXPECT_EQ(cache.error, 0);
  }
  void expect_error(int error, const std::string& residual) const {
    const CacheFile cache = open_in_cache_directory(residual, std::nullopt);
    EXPECT_EQ(cache.error, error);
    EXPECT_FALSE(cache.file);
  }

  std::string path_;
};

TEST_F(CacheDirectory, has_a_primary_cache) {
  expect("tkt");
  write("primary", "tktbob\n");
  expect("tktbob");
  EXPECT_FALSE(std::filesystem::exists(path_ + "/tktnew"));
}

TEST_F(CacheDirectory, has_a_cache_for_each_owner) {
  write("primary", "tkt\n");
  expect("tkt", kAlice);
  expect("tktbob", kBob);
  expect("tkt", kCarol);  // for the daemon to refuse
}

TEST_F(CacheDirectory, finds_an_owner_without_a_primary_cache_too) {
  std::filesystem::remove(path_ + "/tkt");
  expect("tktbob", kBob);
  write("primary", "tkt/../other\n");
  expect("tktbob", kBob);
  expect_error(EINVAL, path_);
}

TEST_F(CacheDirectory, does_not_follow_a_primary_that_is_no_name_of_a_cache) {
  for (const std::string text : {"other\n", "../tkt\n", "tkt/../tkt\n", "tkt\\x\n", "\n", ""}) {
    write("primary", text);
    expect_error(EINVAL, path_);
  }
  write("primary", "tkt" + std::string(1000, 'x') + "\n");
  expect_error(EINVAL, path_);
  write("primary", std::string("tkt\0\n", 5));
  expect_error(EINVAL, path_);
}

TEST_F(CacheDirectory, one_of_its_files_can_be_named) {
  const CacheFile cache = open_in_cache_directory(':' + path_ + "/tktbob", kAlice);
  EXPECT_EQ(cache.path, path_ + "/tktbob");
  EXPECT_TRUE(cache.file);
  expect_error(EINVAL, ':' + path_ + "/other");
  expect_error(ENOENT, ':' + path_ + "/tktnone");
}

TEST_F(CacheDirectory, that_is_none_says_so) {
  expect_error(ENOENT, path_ + "/none");
  expect_error(ENOTDIR, path_ + "/tkt");
  expect_error(ENOENT, "");
}

TEST_F(CacheDirectory, with_fifos_hangs_nobody) {
  ASSERT_EQ(mkfifo((path_ + "/tktfifo").c_str(), 0600), 0);
  ASSERT_EQ(mkfifo((path_ + "/primary").c_str(), 0600), 0);
  expect("tktbob", kBob);
  expect_error(EINVAL, path_);
}

}  // namespace
}  // namespace sspi
