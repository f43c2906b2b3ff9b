#include "client-lib/ticket_cache.h"

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sspi {
namespace {

class TicketCacheName : public testing::Test {
 protected:
  TicketCacheName() {
    path_ = std::filesystem::temp_directory_path() / ("cache." + std::to_string(getpid()));
    std::ofstream(path_) << "tickets";
  }
  ~TicketCacheName() override {
    std::filesystem::remove(path_);
    unsetenv("KRB5CCNAME");
  }

  std::string path_;
};

TEST_F(TicketCacheName, of_a_file_is_opened_under_each_spelling) {
  for (const char* prefix : {"", "FILE:", "WRFILE:"}) {
    const TicketCache cache = open_ticket_cache(prefix + path_);
    EXPECT_EQ(cache.name, "FILE:" + path_);
    EXPECT_EQ(cache.open_error, 0);
    char byte = 0;
    ASSERT_EQ(read(cache.file.get(), &byte, 1), 1);
    EXPECT_EQ(byte, 't');
  }
}

TEST_F(TicketCacheName, of_a_missing_file_travels_with_the_reason) {
  const TicketCache cache = open_ticket_cache(path_ + ".missing");
  EXPECT_EQ(cache.open_error, ENOENT);
  EXPECT_FALSE(cache.file);
  EXPECT_EQ(cache.name, "FILE:" + path_ + ".missing");
}

TEST_F(TicketCacheName, of_another_type_travels_alone) {
  for (const char* name : {"KCM:0", "KEYRING:persistent:0", "MEMORY:x"}) {
    const TicketCache cache = open_ticket_cache(name);
    EXPECT_EQ(cache.name, name);
    EXPECT_FALSE(cache.file);
    EXPECT_EQ(cache.open_error, 0);
  }
}

TEST_F(TicketCacheName, of_a_collection_becomes_that_of_its_file) {
  const std::string folder = path_ + ".d";
  std::filesystem::create_directory(folder);
  std::ofstream(folder + "/tkt") << "tickets";
  for (const std::string& name : {"DIR:" + folder, "DIR::" + folder + "/tkt"}) {
    const TicketCache cache = open_ticket_cache(name);
    EXPECT_EQ(cache.name, "FILE:" + folder + "/tkt");
    EXPECT_TRUE(cache.file);
  }
  std::filesystem::remove_all(folder);
  const TicketCache missing = open_ticket_cache("DIR:" + folder);
  EXPECT_EQ(missing.name, "DIR:" + folder);
  EXPECT_EQ(missing.open_error, ENOENT);
}

TEST_F(TicketCacheName, that_the_protocol_cannot_carry_is_left_out) {
  const std::string strange = path_ + "\xFF";
  std::ofstream(strange) << "tickets";
  const TicketCache file = open_ticket_cache(strange);
  EXPECT_TRUE(file.file);
  EXPECT_EQ(file.name.find('\xFF'), std::string::npos);
  std::filesystem::remove(strange);
  for (const std::string& name : {std::string("KCM:\xFF"), "KCM:" + std::string(10'000, 'x')}) {
    const TicketCache other = open_ticket_cache(name);
    EXPECT_EQ(other.open_error, EINVAL);
    EXPECT_LT(other.name.size(), 100U);
  }
}

TEST_F(TicketCacheName, may_hold_a_colon_in_its_path) {
  const std::string path = path_ + ":x";
  std::ofstream(path) << "tickets";
  EXPECT_TRUE(open_ticket_cache(path).file);
  std::filesystem::remove(path);
}

TEST_F(TicketCacheName, of_a_fifo_hangs_nobody) {
  const std::string fifo = path_ + ".fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  (void)open_ticket_cache(fifo);
  std::filesystem::remove(fifo);
}

TEST_F(TicketCacheName, comes_from_the_environment_before_the_default) {
  setenv("KRB5CCNAME", "KCM:7", 1);
  EXPECT_EQ(client_ticket_cache("KCM:8").name, "KCM:7");
  setenv("KRB5CCNAME", "", 1);
  EXPECT_EQ(client_ticket_cache("KCM:8").name, "KCM:8");
  unsetenv("KRB5CCNAME");
  EXPECT_EQ(client_ticket_cache("KCM:8").name, "KCM:8");
  EXPECT_EQ(client_ticket_cache("").name, "");
}

}  // namespace
}  // namespace sspi
