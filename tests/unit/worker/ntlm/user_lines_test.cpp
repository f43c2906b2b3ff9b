#include "daemon/worker/ntlm/user_lines.h"

#include <fstream>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace sspid::worker::ntlm {
namespace {

constexpr std::string_view kFile =
    "# a comment: with: colons\n"
    "EXAMPLE:alice:alicepw\r\n"
    "not an entry\n"
    "OTHER:alice:otherpw\n"
    "bob:1000:XX:AABB:[U]:\n"
    "EXAMPLE\\carol:1001:XX:CCDD:[U]:\n"
    ":nobody:pw\n";

std::string line_of(std::string_view name) {
  const auto found = find_line(kFile, name);
  return found ? std::string(found->line) : "none";
}

TEST(FindLine, TakesTheFirstEntryWhereNobodyIsNamed) { EXPECT_EQ(line_of(""), "EXAMPLE:alice:alicepw"); }

TEST(FindLine, TakesTheUserOfTheDomain) {
  EXPECT_EQ(line_of("EXAMPLE\\alice"), "EXAMPLE:alice:alicepw");
  EXPECT_EQ(line_of("OTHER\\alice"), "OTHER:alice:otherpw");
  EXPECT_EQ(line_of("example\\ALICE"), "EXAMPLE:alice:alicepw");
  EXPECT_EQ(line_of("EXAMPLE\\carol"), "EXAMPLE\\carol:1001:XX:CCDD:[U]:");
}

TEST(FindLine, TakesAnyDomainWhereEitherNamesNone) {
  EXPECT_EQ(line_of("alice"), "EXAMPLE:alice:alicepw");
  EXPECT_EQ(line_of("ANY\\bob"), "bob:1000:XX:AABB:[U]:");
}

TEST(FindLine, FindsNobodyElse) {
  EXPECT_EQ(line_of("NOWHERE\\alice"), "none");
  EXPECT_EQ(line_of("ali"), "none");
  EXPECT_EQ(line_of("not an entry"), "none");
  EXPECT_FALSE(find_line("", ""));
  EXPECT_FALSE(find_line("::\n:\n#a:b:c\n", ""));
}

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Secret secret(std::string_view text) { return Secret(std::as_bytes(std::span(text))); }

Outcome make(std::string user, std::string domain, std::string_view password, std::shared_ptr<const UserLines>& lines) {
  return UserLines::of_identity({std::move(user), std::move(domain), secret(password)}, lines);
}

TEST(UserLines, HoldAnIdentityAsItsHash) {
  std::shared_ptr<const UserLines> lines;
  ASSERT_TRUE(make("alice", "EXAMPLE", "with:colon", lines).ok());
  EXPECT_EQ(lines->owner(), "EXAMPLE\\alice");
  const std::string content = content_of(lines->path());
  EXPECT_EQ(content.find("EXAMPLE\\alice:0:" + std::string(32, 'X') + ':'), 0U);
  EXPECT_EQ(content.find("with:colon"), std::string::npos);
  const auto found = find_line(content, "EXAMPLE\\alice");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->domain, "EXAMPLE");
  EXPECT_EQ(found->user, "alice");
}

TEST(UserLines, TakeTheDomainFromTheName) {
  std::shared_ptr<const UserLines> lines;
  ASSERT_TRUE(make("EXAMPLE\\alice", "", "pw", lines).ok());
  EXPECT_EQ(lines->owner(), "EXAMPLE\\alice");
  ASSERT_TRUE(make("alice@example.test", "", "pw", lines).ok());
  EXPECT_EQ(lines->owner(), "alice@example.test");
}

TEST(UserLines, RefuseNamesThatWouldMakeAnotherLine) {
  std::shared_ptr<const UserLines> lines;
  for (const char* user : {"", "a:b", "a\nb", "#a", "a\rb"}) EXPECT_FALSE(make(user, "", "pw", lines).ok()) << user;
  for (const char* domain : {"D:E", "D\nE", "#D", "D\\E"}) EXPECT_FALSE(make("a", domain, "pw", lines).ok()) << domain;
  EXPECT_FALSE(make(std::string(950, 'u'), "", "pw", lines).ok());
}

TEST(UserLines, GiveOneEntryOutOfMany) {
  proto::Descriptor file{::memfd_create("users", MFD_CLOEXEC)};
  ASSERT_EQ(::write(file.get(), kFile.data(), kFile.size()), static_cast<ssize_t>(kFile.size()));
  const UserLines all(std::move(file));
  std::shared_ptr<const UserLines> one;
  ASSERT_TRUE(all.only("OTHER\\alice", one).ok());
  EXPECT_EQ(content_of(one->path()), "OTHER:alice:otherpw\n");
  EXPECT_EQ(one->owner(), "OTHER\\alice");
  EXPECT_EQ(all.only("mallory", one).status, SEC_E_NO_CREDENTIALS);
}

}  // namespace
}  // namespace sspid::worker::ntlm
