// Which targets a pattern of the configuration means, in all the spellings that a program may use for one.
#include "daemon/worker/rights.h"

#include <gtest/gtest.h>

namespace sspid::worker {
namespace {

TEST(Rights, target_is_meant_in_any_realm_and_any_letter_case) {
  const Grant::Names patterns{"ldap/db.example.test"};
  for (const char* target : {"ldap/db.example.test", "LDAP/DB.Example.Test", "ldap/db.example.test@EXAMPLE.TEST"})
    EXPECT_TRUE(is_target_of(patterns, target)) << target;
  for (const char* target :
       {"ldap/db.example.test2", "ldap/db", "ldap", "xldap/db.example.test", "", "ldap/db.example.test/x",
        "ldap\\db.example.test", "db.example.test", "alice@ldap/db.example.test"})
    EXPECT_FALSE(is_target_of(patterns, target)) << target;
}

TEST(Rights, pattern_with_a_realm_wants_it_named) {
  const Grant::Names patterns{"ldap/db@A.TEST"};
  EXPECT_TRUE(is_target_of(patterns, "ldap/db@A.TEST"));
  EXPECT_FALSE(is_target_of(patterns, "ldap/db"));
  EXPECT_FALSE(is_target_of(patterns, "ldap/db@B.TEST"));
}

TEST(Rights, star_stands_for_anything) {
  EXPECT_TRUE(is_target_of({"ldap/*"}, "ldap/any.where"));
  EXPECT_TRUE(is_target_of({"ldap/*"}, "ldap/any@SOME.REALM"));
  EXPECT_FALSE(is_target_of({"ldap/*"}, "ldaps/any"));
  EXPECT_TRUE(is_target_of({"*/www"}, "HTTP/www"));
  EXPECT_TRUE(is_target_of({"*"}, "anything"));
  EXPECT_TRUE(is_target_of({"*"}, ""));
  EXPECT_TRUE(is_target_of({"h*/*.example.*"}, "http/www.example.test"));
  EXPECT_FALSE(is_target_of({"h*/*.example.*"}, "http/wwwexample.test"));
  EXPECT_TRUE(is_target_of({"*@A.TEST"}, "alice@A.TEST"));
  EXPECT_FALSE(is_target_of({"*@A.TEST"}, "alice@B.TEST"));
}

TEST(Rights, what_takes_long_to_compare_does_not) {
  const std::string stars(200, '*'), many(4000, 'a');
  EXPECT_FALSE(is_target_of({stars + "b"}, many));
  EXPECT_FALSE(is_target_of({"a*a*a*a*a*a*a*a*b"}, many));
}

TEST(Rights, nothing_is_a_target_of_no_pattern) { EXPECT_FALSE(is_target_of({}, "ldap/db")); }

TEST(Rights, direction_that_is_not_granted_falls_away_or_fails) {
  Grant grant;
  grant.initiate = true;
  CredentialRequest both;
  both.inbound = both.outbound = true;
  EXPECT_TRUE(limit_to(grant, both).ok());
  EXPECT_TRUE(both.outbound);
  EXPECT_FALSE(both.inbound);
  CredentialRequest inbound;
  inbound.inbound = true;
  EXPECT_EQ(limit_to(grant, inbound).status, SEC_E_NO_CREDENTIALS);
  CredentialRequest outbound;
  outbound.outbound = true;
  EXPECT_TRUE(limit_to(grant, outbound).ok());
  EXPECT_EQ(limit_to(Grant{}, outbound).status, SEC_E_NO_CREDENTIALS);
}

TEST(Rights, refusal_names_the_key_that_would_have_to_say_otherwise) {
  Grant grant;
  grant.packages = {"Kerberos"};
  grant.withheld = {"HTTP/www@A.TEST"};
  CredentialRequest inbound, outbound, withheld;
  inbound.inbound = outbound.outbound = withheld.inbound = true;
  withheld.principal = "HTTP/www";
  EXPECT_EQ(limit_to(grant, inbound).rule, "accept");
  EXPECT_EQ(limit_to(grant, outbound).rule, "initiate");
  EXPECT_EQ(limit_to(grant, withheld).rule, "accept.principals");
  EXPECT_EQ(no_such_package(grant, "negotiate").rule, "packages.offer") << "without a policy";
  grant.section = "services.web";
  EXPECT_EQ(no_such_package(grant, "negotiate").rule, "packages");
  EXPECT_EQ(no_such_package(grant, "kerberos").rule, "") << "offered, but not installed";
  EXPECT_EQ(no_such_package(grant, "Schannel").rule, "") << "nobody has it";
  EXPECT_EQ(no_such_package(Grant{}, "Negotiate").rule, "");
}

TEST(Rights, withheld_principal_is_not_owned_in_any_spelling) {
  Grant grant;
  grant.accept = true;
  grant.withheld = {"HTTP/www@A.TEST"};
  for (const char* name : {"HTTP/www", "HTTP/www@A.TEST"}) {
    CredentialRequest request;
    request.inbound = true;
    request.principal = name;
    EXPECT_EQ(limit_to(grant, request).status, SEC_E_NOT_OWNER) << name;
  }
  CredentialRequest hint;
  hint.inbound = true;
  hint.principal = "HTTP/elsewhere";
  EXPECT_TRUE(limit_to(grant, hint).ok());
}

TEST(Rights, password_service_is_a_target_like_others) {
  Grant grant;
  EXPECT_EQ(may_change_passwords(grant, "EXAMPLE.TEST").status, SEC_E_NOT_OWNER) << "nothing may be initiated";
  grant.initiate = true;
  EXPECT_TRUE(may_change_passwords(grant, "EXAMPLE.TEST").ok());
  for (const char* pattern : {"kadmin/changepw", "kadmin/*", "*", "kadmin/changepw@EXAMPLE.TEST"}) {
    grant.targets = {pattern};
    EXPECT_TRUE(may_change_passwords(grant, "EXAMPLE.TEST").ok()) << pattern;
  }
  for (const char* pattern : {"ldap/*", "kadmin/admin", "kadmin/changepw@OTHER.TEST"}) {
    grant.targets = {pattern};
    const Outcome refused = may_change_passwords(grant, "EXAMPLE.TEST");
    EXPECT_EQ(refused.status, SEC_E_NOT_OWNER) << pattern;
    EXPECT_EQ(refused.rule, "initiate.targets");
  }
}

}  // namespace
}  // namespace sspid::worker
