#include "daemon/supervisor/worker_program.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"

namespace sspid::supervisor {
namespace {

class WorkerProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream{path_} << "program";
    set_mode(0755);
  }
  void set_mode(mode_t mode) { ASSERT_EQ(::chmod(path_.c_str(), mode), 0); }
  [[nodiscard]] proto::Descriptor open() const { return open_worker_program_in(directory_.path()); }
  void expect_distrust(const char* why) const { EXPECT_THROW(static_cast<void>(open()), std::runtime_error) << why; }

  test::Directory directory_;
  const std::string path_ = directory_.file("sspid-worker");
};

TEST_F(WorkerProgram, is_opened_to_be_executed_not_to_be_read) {
  const auto program = open();
  ASSERT_TRUE(program);
  char byte = 0;
  EXPECT_EQ(::read(program.get(), &byte, 1), -1);
}

TEST_F(WorkerProgram, may_be_missing) {
  std::filesystem::remove(path_);
  EXPECT_FALSE(open());
  EXPECT_FALSE(open_worker_program_in(directory_.file("no-such-folder")));
}

TEST_F(WorkerProgram, that_others_may_write_is_not_taken) {
  set_mode(0757);
  expect_distrust("everybody's");
  set_mode(0755);
  EXPECT_TRUE(open());
}

TEST_F(WorkerProgram, of_another_user_is_not_taken) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(::chown(path_.c_str(), 1234, 0), 0);
  expect_distrust("somebody's");
}

TEST_F(WorkerProgram, is_a_file) {
  const std::string elsewhere = directory_.file("elsewhere");
  std::filesystem::rename(path_, elsewhere);
  std::filesystem::create_symlink(elsewhere, path_);
  expect_distrust("a link");
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  expect_distrust("a folder");
}

}  // namespace
}  // namespace sspid::supervisor
