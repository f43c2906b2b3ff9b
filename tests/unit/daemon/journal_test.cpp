// Lines reach the journal with their fields, and nothing that a client chose becomes one.
#include "daemon/journal.h"

#include <array>
#include <cstring>
#include <map>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "daemon/log_fields.h"
#include "proto/descriptor.h"
#include "scratch.h"

namespace sspid::log {
namespace {

using Entry = std::map<std::string, std::string>;

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    before_ = spdlog::default_logger();
    auto logger = std::make_shared<spdlog::logger>("journal", journal_sink("worker", path_));
    logger->set_level(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
  }
  ~JournalTest() override { spdlog::set_default_logger(before_); }

  // The next datagram as journald reads it.
  Entry entry() {
    std::string datagram(std::size_t{1} << 20, '\0');
    const auto size = ::recv(socket_.get(), datagram.data(), datagram.size(), 0);
    datagram.resize(static_cast<std::size_t>(size < 0 ? 0 : size));
    Entry fields;
    for (std::size_t at = 0; at < datagram.size();) {
      const std::size_t name_end = datagram.find_first_of("=\n", at);
      const std::string name = datagram.substr(at, name_end - at);
      std::size_t begin = name_end + 1;
      std::size_t length = datagram.find('\n', begin) - begin;
      if (datagram[name_end] == '\n') {
        std::uint64_t given = 0;
        std::memcpy(&given, datagram.data() + begin, sizeof given);
        begin += sizeof given;
        length = given;
      }
      EXPECT_EQ(fields.count(name), 0U) << name;
      fields[name] = datagram.substr(begin, length);
      at = begin + length + 1;
    }
    return fields;
  }

  test::Directory directory_;
  const std::string path_ = directory_.file("journal");
  proto::Descriptor socket_;
  std::shared_ptr<spdlog::logger> before_;
};

TEST_F(JournalTest, line_has_text_priority_and_who_speaks) {
  spdlog::info("worker {} is ready", 7);
  const Entry expected{
      {"MESSAGE", "worker 7 is ready"}, {"PRIORITY", "6"}, {"SSPID_ROLE", "worker"}, {"SYSLOG_IDENTIFIER", "sspid"}};
  EXPECT_EQ(entry(), expected);
}

TEST_F(JournalTest, levels_are_those_of_syslog) {
  const std::array<std::pair<spdlog::level::level_enum, const char*>, 6> levels{{{spdlog::level::trace, "7"},
                                                                                 {spdlog::level::debug, "7"},
                                                                                 {spdlog::level::info, "6"},
                                                                                 {spdlog::level::warn, "4"},
                                                                                 {spdlog::level::err, "3"},
                                                                                 {spdlog::level::critical, "2"}}};
  for (const auto& [level, priority] : levels) {
    spdlog::log(level, "x");
    EXPECT_EQ(entry()["PRIORITY"], priority);
  }
}

TEST_F(JournalTest, fields_of_a_line_are_fields_of_the_entry) {
  write(spdlog::level::info, "context", {{"package", "Kerberos"}, {"target", "host/db.example.test"}});
  Entry said = entry();
  EXPECT_EQ(said["MESSAGE"], "context package=Kerberos target=host/db.example.test");
  EXPECT_EQ(said["SSPID_PACKAGE"], "Kerberos");
  EXPECT_EQ(said["SSPID_TARGET"], "host/db.example.test");
  spdlog::info("the next line");
  EXPECT_EQ(entry().count("SSPID_PACKAGE"), 0U);
}

TEST_F(JournalTest, what_a_client_chose_stays_one_value) {
  const std::string evil = "x\nPRIORITY=0\nSSPID_IDENTITY=root\n";
  write(spdlog::level::info, evil, {{"target", evil}});
  Entry said = entry();
  EXPECT_EQ(said["PRIORITY"], "6");
  EXPECT_EQ(said["SSPID_TARGET"], evil);
  EXPECT_EQ(said.count("SSPID_IDENTITY"), 0U);
  EXPECT_EQ(said["MESSAGE"].find('\n'), std::string::npos);
}

TEST_F(JournalTest, long_values_are_cut_and_arrive) {
  const std::string much(std::size_t{1} << 20, 'x');
  write(spdlog::level::info, much, Fields(100, {"same", much}));
  std::string datagram(std::size_t{1} << 20, '\0');
  EXPECT_GT(::recv(socket_.get(), datagram.data(), datagram.size(), 0), 0);
}

TEST_F(JournalTest, there_is_no_sink_where_no_journal_listens) {
  EXPECT_EQ(journal_sink("worker", directory_.file("nothing")), nullptr);
  EXPECT_EQ(journal_sink("worker", std::string(200, 'x')), nullptr);
  socket_.reset();
  spdlog::info("nobody hears it");
}

TEST(Journal, is_known_by_its_device_and_inode) {
  const proto::Descriptor file{::memfd_create("stderr", MFD_CLOEXEC)};
  struct stat status {};
  ASSERT_EQ(::fstat(file.get(), &status), 0);
  const std::string stream = std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
  EXPECT_TRUE(is_journal(file.get(), stream.c_str()));
  EXPECT_FALSE(is_journal(file.get(), (stream + '0').c_str())) << "standard error was sent elsewhere since";
  EXPECT_FALSE(is_journal(file.get(), ""));
  EXPECT_FALSE(is_journal(file.get(), nullptr));
  EXPECT_FALSE(is_journal(-1, stream.c_str()));
}

}  // namespace
}  // namespace sspid::log
