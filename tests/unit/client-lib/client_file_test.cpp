#include "client-lib/client_file.h"

#include <memory>

#include <gtest/gtest.h>

namespace sspi {
namespace {

using std::chrono::seconds;

ClientFile parse(const std::string& text) { return parse_client_file(text, "f"); }

TEST(ClientFile, says_nothing_when_it_is_empty) {
  for (const char* text : {"", "\n", "# socket = /x\n", "  # y", " \t\r\n\n"}) {
    const ClientFile file = parse(text);
    EXPECT_EQ(file.mistake, "") << text;
    EXPECT_FALSE(file.socket || file.connect_timeout) << text;
  }
}

TEST(ClientFile, has_one_key_a_line) {
  const ClientFile file = parse("# where\r\n  socket\t=  /run/a b=c.sock \r\n\nconnect_timeout=0");
  EXPECT_EQ(file.mistake, "");
  EXPECT_EQ(file.socket, "/run/a b=c.sock");
  EXPECT_EQ(file.connect_timeout, seconds{0});
  EXPECT_EQ(parse("socket=embedded:").socket, "embedded:");
}

TEST(ClientFile, mistake_is_told_with_its_line) {
  EXPECT_EQ(parse("\nsocket\n").mistake, "f:2: \"key = value\" is expected");
  EXPECT_EQ(parse("socket = /x\nsocket = /x\n").mistake, "f:2: socket is there twice");
  EXPECT_EQ(parse("connect_timeout = 1\nconnect_timeout = 1").mistake, "f:2: connect_timeout is there twice");
  EXPECT_EQ(parse("Socket = /x").mistake, "f:1: the keys are socket and connect_timeout");
  EXPECT_EQ(parse("= /x").mistake, "f:1: the keys are socket and connect_timeout");
}

TEST(ClientFile, refuses_sockets_that_cannot_be_meant) {
  for (const std::string& socket : {std::string("x"), std::string(""), std::string("embedded"),
                                    std::string("embedded:x"), '/' + std::string(107, 'x'), std::string("/a\0b", 4)})
    EXPECT_NE(parse("socket = " + socket).mistake, "") << socket;
  EXPECT_EQ(parse("socket = /" + std::string(106, 'x')).mistake, "");
}

TEST(ClientFile, refuses_times_that_cannot_be_meant) {
  for (const char* time : {"", "x", "1 s", "-1", "+1", "3601", "99999999999999999999", "0x1", "1.5"})
    EXPECT_NE(parse(std::string("connect_timeout = ") + time).mistake, "") << time;
  EXPECT_EQ(parse("connect_timeout = 3600").connect_timeout, seconds{3600});
}

TEST(ClientFile, what_stands_before_a_mistake_does_not_count) {
  const ClientFile file = parse("socket = /x\nwhat");
  EXPECT_NE(file.mistake, "");
  EXPECT_FALSE(file.socket);
}

TEST(ClientFile, is_short) {
  EXPECT_EQ(parse('#' + std::string(4095, 'x')).mistake, "");
  EXPECT_EQ(parse('#' + std::string(4096, 'x')).mistake, "f: is longer than 4096 bytes");
}

// In memory of exactly this size, so that a sanitizer sees a byte too many.
TEST(ClientFile, is_read_no_further_than_it_goes) {
  const std::string text = "socket = /x\n# y\nconnect_timeout = 12\n";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const std::unique_ptr<char[]> exact(new char[length]);
    text.copy(exact.get(), length);
    const ClientFile file = parse_client_file({exact.get(), length}, "f");
    EXPECT_EQ(file.connect_timeout == seconds{12}, length >= text.size() - 1) << length;
  }
}

}  // namespace
}  // namespace sspi
