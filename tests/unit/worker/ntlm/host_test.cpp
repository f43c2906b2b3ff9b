#include "daemon/worker/ntlm/host.h"

#include <algorithm>
#include <cctype>

#include <gtest/gtest.h>

namespace sspid::worker::ntlm {
namespace {

std::string computer() {
  const std::string host = this_host();
  return host.substr(0, host.find('.'));
}

TEST(NtlmHost, has_a_name) { EXPECT_FALSE(this_host().empty()); }

TEST(NtlmHost, its_users_are_accounts_here_in_letters_of_either_case) {
  std::string upper = computer();
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  EXPECT_EQ(account_here(computer() + "\\alice"), "alice");
  EXPECT_EQ(account_here(upper + "\\alice"), "alice");
  EXPECT_EQ(account_here(upper.substr(0, 15) + "\\alice"), "alice") << "as NetBIOS has it";
}

TEST(NtlmHost, users_of_other_domains_keep_their_domain) {
  for (const std::string& name : {computer() + "x\\alice", "x" + computer() + "\\alice", std::string("EXAMPLE\\root")})
    EXPECT_EQ(account_here(name), name);
}

TEST(NtlmHost, users_of_no_domain_are_nobody) {
  for (const char* name : {"alice", "\\alice", ""}) EXPECT_EQ(account_here(name), "") << name;
}

}  // namespace
}  // namespace sspid::worker::ntlm
