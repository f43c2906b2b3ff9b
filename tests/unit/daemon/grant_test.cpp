#include "daemon/grant.h"

#include <gtest/gtest.h>

namespace sspid {
namespace {

TEST(Grant, allows_nothing_unless_told) {
  const Grant grant;
  EXPECT_FALSE(grant.accept || grant.initiate || grant.s4u2self || grant.session_key);
}

TEST(Grant, comes_back_as_it_was_encoded) {
  Grant full;
  full.identity = "service \"web\"";
  full.section = "services.web";
  full.packages = {"Negotiate", "IAKERB"};
  full.mechanisms = {{"IAKERB", "1.3.6.1.5.2.5", "through the server"}};
  full.accept = full.initiate = full.by_client_keytab = full.s4u2self = full.session_key = true;
  full.withheld = {"ldap/db@EXAMPLE.TEST"};
  full.initiator = "HTTP/www";
  full.targets = {"ldap/*"};
  full.s4u2proxy = Grant::Names{};
  full.forwarded = {"postgres/db", "HTTP/*"};
  full.ntlm_default_user = "EXAMPLE\\alice";
  full.quotas = {.connections = 1, .contexts = 2, .memory_mib = 3, .requests_per_second = 4};
  EXPECT_EQ(decode_grant(encode(full)), full);
  EXPECT_EQ(decode_grant(encode(Grant{})), Grant{}) << "what is not limited stays so";
}

TEST(Grant, nothing_else_is_one) {
  for (const char* text : {"", "{}", "[]", "null", "{\"identity\": 3}", "{"})
    EXPECT_EQ(decode_grant(text), std::nullopt);
  std::string text = encode(Grant{});
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_EQ(decode_grant(std::string_view(text).substr(0, size)), std::nullopt) << size;
}

}  // namespace
}  // namespace sspid
