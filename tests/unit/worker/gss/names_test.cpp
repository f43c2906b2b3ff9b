#include "daemon/worker/gss/names.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <gtest/gtest.h>
#include <unistd.h>

namespace sspid::worker::gss {
namespace {

// ---- What a target name is ----

struct Form {
  const char* target;
  TargetKind kind;
  const char* text;
};

void PrintTo(const Form& form, std::ostream* out) { *out << '"' << form.target << '"'; }

class TargetForm : public testing::TestWithParam<Form> {};

TEST_P(TargetForm, IsRecognised) {
  const Target target = parse_target(GetParam().target);
  EXPECT_EQ(target.kind, GetParam().kind);
  EXPECT_EQ(target.text, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Services, TargetForm,
                         testing::Values(Form{"HTTP/web.example.test", TargetKind::service, "HTTP@web.example.test"},
                                         Form{"HTTP/WEB.Example.Test", TargetKind::service, "HTTP@web.example.test"},
                                         Form{"host/localhost", TargetKind::service, "host@localhost"},
                                         Form{"HTTP/b\xC3\xBC"
                                              "cher.test",
                                              TargetKind::service,
                                              "HTTP@b\xC3\xBC"
                                              "cher.test"},
                                         Form{"HTTP/\xC3\x9C.TEST", TargetKind::service, "HTTP@\xC3\x9C.test"}));

INSTANTIATE_TEST_SUITE_P(
    Principals, TargetForm,
    testing::Values(
        Form{"MSSQLSvc/DB.example.test:1433", TargetKind::principal, "MSSQLSvc/db.example.test:1433"},
        Form{"MSSQLSvc/db.example.test:Instance", TargetKind::principal, "MSSQLSvc/db.example.test:Instance"},
        Form{"ldap/DC1.example.test/example.test", TargetKind::principal, "ldap/dc1.example.test/example.test"},
        Form{"HTTP/Web@EXAMPLE.TEST", TargetKind::principal, "HTTP/web@EXAMPLE.TEST"},
        Form{"MSSQLSvc/db:1433@EXAMPLE.TEST", TargetKind::principal, "MSSQLSvc/db:1433@EXAMPLE.TEST"},
        Form{"ldap/dc/example.test@EXAMPLE.TEST", TargetKind::principal, "ldap/dc/example.test@EXAMPLE.TEST"},
        Form{"HTTP/we@b@EXAMPLE.TEST", TargetKind::principal, "HTTP/we\\@b@EXAMPLE.TEST"},
        Form{"HTTP/we\\b", TargetKind::principal, "HTTP/we\\\\b"}));

INSTANTIATE_TEST_SUITE_P(Users, TargetForm,
                         testing::Values(Form{"alice@EXAMPLE.TEST", TargetKind::principal, "alice@EXAMPLE.TEST"},
                                         Form{"HTTP@web.example.test", TargetKind::principal, "HTTP@web.example.test"},
                                         Form{"a@b@EXAMPLE.TEST", TargetKind::principal, "a\\@b@EXAMPLE.TEST"},
                                         Form{"HOST$@EXAMPLE.TEST", TargetKind::principal, "HOST$@EXAMPLE.TEST"},
                                         Form{"alice", TargetKind::principal, "alice"}));

INSTANTIATE_TEST_SUITE_P(Accounts, TargetForm,
                         testing::Values(Form{"EXAMPLE\\alice", TargetKind::account, ""},
                                         Form{"EXAMPLE\\HOST$", TargetKind::account, ""},
                                         Form{"EXAMPLE\\a/b", TargetKind::account, ""},
                                         Form{"HOST$", TargetKind::account, ""}));

INSTANTIATE_TEST_SUITE_P(
    Nonsense, TargetForm,
    testing::Values(Form{"", TargetKind::none, ""}, Form{"/", TargetKind::malformed, ""},
                    Form{"HTTP/", TargetKind::malformed, ""}, Form{"/web", TargetKind::malformed, ""},
                    Form{"HTTP//web", TargetKind::malformed, ""}, Form{"HTTP/web/", TargetKind::malformed, ""},
                    Form{"@", TargetKind::malformed, ""}, Form{"@EXAMPLE.TEST", TargetKind::malformed, ""},
                    Form{"alice@", TargetKind::malformed, ""}, Form{"HTTP/web@", TargetKind::malformed, ""},
                    Form{"alice@EXAMPLE.TEST/web", TargetKind::malformed, ""},
                    Form{"HTTP/web\n", TargetKind::malformed, ""},
                    Form{"HTTP/w\x01"
                         "eb",
                         TargetKind::malformed, ""},
                    Form{"HTTP/web\x7F", TargetKind::malformed, ""}));

TEST(Target, WithANulIsMalformed) {
  EXPECT_EQ(parse_target(std::string_view("HTTP/web\0.evil.test", 19)).kind, TargetKind::malformed);
}

TEST(Target, KeepsWhatTellsTheRealmOfAPrincipal) {
  const Target target = parse_target("ldap/DC1.example.test:389/sub.example.test");
  EXPECT_FALSE(target.has_realm);
  EXPECT_EQ(target.host, "dc1.example.test");
  EXPECT_EQ(target.domain, "sub.example.test");
  EXPECT_TRUE(parse_target("ldap/dc1/x@EXAMPLE.TEST").has_realm);
}

TEST(Target, HasAtMost1024Characters) {
  EXPECT_EQ(parse_target("HTTP/" + std::string(1019, 'a')).kind, TargetKind::service);
  EXPECT_EQ(parse_target("HTTP/" + std::string(1020, 'a')).kind, TargetKind::too_long);
}

TEST(Target, CountsCharactersAndNotBytes) {
  std::string host;
  for (int i = 0; i < 1019; ++i) host += "\xC3\xBC";
  EXPECT_EQ(parse_target("HTTP/" + host).kind, TargetKind::service);
  EXPECT_EQ(parse_target("HTTP/" + host + "\xC3\xBC").kind, TargetKind::too_long);
}

// ---- Where krb5.conf matters ----

/// A krb5.conf of its own, in effect for the test's time.
class WithRealms : public testing::Test {
 protected:
  WithRealms() {
    const int file = ::mkstemp(path_);
    if (file < 0) throw std::runtime_error("no temporary file for krb5.conf");
    ::close(file);
    configure(
        "[libdefaults]\n default_realm = EXAMPLE.TEST\n dns_lookup_kdc = false\n dns_lookup_realm = false\n"
        " dns_canonicalize_hostname = false\n rdns = false\n qualify_shortname = \"\"\n"
        "[realms]\n EXAMPLE.TEST = {\n  kdc = localhost:1\n }\n SUB.EXAMPLE.TEST = {\n  kdc = localhost:1\n }\n"
        " OTHER.TEST = {\n  kdc = localhost:1\n }\n"
        "[domain_realm]\n .other.test = OTHER.TEST\n");
    if (const char* before = std::getenv("KRB5_CONFIG")) before_ = before;
    ::setenv("KRB5_CONFIG", path_, 1);
  }
  ~WithRealms() override {
    if (before_.empty())
      ::unsetenv("KRB5_CONFIG");
    else
      ::setenv("KRB5_CONFIG", before_.c_str(), 1);
    ::unlink(path_);
  }
  void configure(const char* text) const { std::ofstream(path_, std::ios::trunc) << text; }

  /// What the target becomes for Kerberos; or the status.
  static std::string imported(const std::string& target) {
    Name name, canonical;
    if (const Outcome outcome = import_target(target, name); !outcome.ok()) return status_text(outcome);
    OM_uint32 minor = 0;
    gss_OID_desc kerberos = {9, const_cast<char*>("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02")};
    Buffer text;
    if (GSS_ERROR(gss_canonicalize_name(&minor, name.get(), &kerberos, canonical.out()))) return "not canonical";
    if (GSS_ERROR(gss_display_name(&minor, canonical.get(), text.out(), nullptr))) return "not displayed";
    return std::string(text.text());
  }

  static std::string principal(const std::string& user, const std::string& domain) {
    std::string out;
    const Outcome outcome = principal_of(user, domain, out);
    return outcome.ok() ? out : status_text(outcome);
  }

 private:
  static std::string status_text(const Outcome& outcome) {
    EXPECT_FALSE(outcome.detail.empty());
    switch (outcome.status) {
      case SEC_E_TARGET_UNKNOWN:
        return "SEC_E_TARGET_UNKNOWN";
      case SEC_E_LOGON_DENIED:
        return "SEC_E_LOGON_DENIED";
      case SEC_E_NO_AUTHENTICATING_AUTHORITY:
        return "SEC_E_NO_AUTHENTICATING_AUTHORITY";
      default:
        return "another status";
    }
  }

  char path_[32] = "/tmp/names_test.XXXXXX";
  std::string before_;
};

using ImportTarget = WithRealms;
using PrincipalOf = WithRealms;

TEST_F(ImportTarget, LeavesTheRealmOfAServiceToConfigurationOrReferral) {
  EXPECT_EQ(imported("HTTP/web.other.test"), "HTTP/web.other.test@OTHER.TEST");
  EXPECT_EQ(imported("HTTP/WEB.example.test"), "HTTP/web.example.test@");
}

TEST_F(ImportTarget, KeepsThePort) {
  EXPECT_EQ(imported("MSSQLSvc/db.example.test:1433"), "MSSQLSvc/db.example.test:1433@EXAMPLE.TEST");
}

TEST_F(ImportTarget, FindsTheRealmOfAHostWithPort) {
  EXPECT_EQ(imported("MSSQLSvc/db.other.test:1433"), "MSSQLSvc/db.other.test:1433@OTHER.TEST");
}

TEST_F(ImportTarget, TakesTheThirdPartForARealmWhereThereIsOne) {
  EXPECT_EQ(imported("ldap/dc.x/sub.example.test"), "ldap/dc.x/sub.example.test@SUB.EXAMPLE.TEST");
  EXPECT_EQ(imported("ldap/dc.x/unheard-of.test"), "ldap/dc.x/unheard-of.test@EXAMPLE.TEST");
}

TEST_F(ImportTarget, TakesAGivenRealmAsItIs) {
  EXPECT_EQ(imported("HTTP/web.other.test@EXAMPLE.TEST"), "HTTP/web.other.test@EXAMPLE.TEST");
  EXPECT_EQ(imported("alice@Other.Test"), "alice@Other.Test");
}

TEST_F(ImportTarget, EscapesWhatPrincipalsEscape) {
  EXPECT_EQ(imported("HTTP/we\\b@EXAMPLE.TEST"), "HTTP/we\\\\b@EXAMPLE.TEST");
  EXPECT_EQ(imported("HTTP/we@b@EXAMPLE.TEST"), "HTTP/we\\@b@EXAMPLE.TEST");
}

TEST_F(ImportTarget, RefusesWhatKerberosCannotName) {
  const std::string longest(1024, 'a');
  for (const std::string& target : {std::string(), std::string("EXAMPLE\\alice"), std::string("HOST$"),
                                    std::string("HTTP/"), std::string("HTTP/a\nb"), "HTTP/" + longest})
    EXPECT_EQ(imported(target), "SEC_E_TARGET_UNKNOWN") << target;
}

TEST_F(PrincipalOf, TakesTheDefaultRealmWithoutADomain) {
  EXPECT_EQ(principal("alice", ""), "alice@EXAMPLE.TEST");
  EXPECT_EQ(principal("alice/admin", ""), "alice/admin@EXAMPLE.TEST");
}

TEST_F(PrincipalOf, KnowsTheDefaultRealmByAllItsNames) {
  for (const char* domain : {"EXAMPLE.TEST", "example.test", "EXAMPLE", "Example"})
    EXPECT_EQ(principal("alice", domain), "alice@EXAMPLE.TEST") << domain;
}

TEST_F(PrincipalOf, TakesOtherDomainsForRealms) { EXPECT_EQ(principal("alice", "other.test"), "alice@OTHER.TEST"); }

TEST_F(PrincipalOf, SplitsWhatTheUserHoldsOnlyWithoutADomain) {
  EXPECT_EQ(principal("EXAMPLE\\alice", ""), "alice@EXAMPLE.TEST");
  EXPECT_EQ(principal("other.test\\alice", ""), "alice@OTHER.TEST");
  EXPECT_EQ(principal("alice@example.test", ""), "alice@EXAMPLE.TEST");
  EXPECT_EQ(principal("alice@OTHER.TEST", ""), "alice@OTHER.TEST");
  EXPECT_EQ(principal("alice@x", "other.test"), "alice\\@x@OTHER.TEST");
  EXPECT_EQ(principal("a\\b", "other.test"), "a\\\\b@OTHER.TEST");
}

TEST_F(PrincipalOf, RefusesNamesThatNobodyHas) {
  for (const std::string& user : {std::string(), std::string("alice\n"), std::string("alice\0root", 10)})
    EXPECT_EQ(principal(user, ""), "SEC_E_LOGON_DENIED");
  EXPECT_EQ(principal("alice", "EX\tAMPLE"), "SEC_E_LOGON_DENIED");
}

TEST_F(PrincipalOf, NeedsADomainWhereThereIsNoDefaultRealm) {
  configure("[libdefaults]\n dns_lookup_realm = false\n");
  EXPECT_EQ(principal("alice", ""), "SEC_E_NO_AUTHENTICATING_AUTHORITY");
  EXPECT_EQ(principal("alice", "other.test"), "alice@OTHER.TEST");
}

// ---- Principals as they are shown ----

TEST(Principal, FallsIntoItsHalves) {
  EXPECT_EQ(realm_of("HTTP/web@EXAMPLE.TEST"), "EXAMPLE.TEST");
  EXPECT_EQ(without_realm("HTTP/web@EXAMPLE.TEST"), "HTTP/web");
  EXPECT_EQ(realm_of("alice"), "");
  EXPECT_EQ(without_realm("alice"), "alice");
  EXPECT_EQ(realm_of(""), "");
  EXPECT_EQ(without_realm(""), "");
}

TEST(Principal, IsShownWithoutEscapes) {
  EXPECT_EQ(realm_of("a\\@b@EXAMPLE.TEST"), "EXAMPLE.TEST");
  EXPECT_EQ(without_realm("a\\@b@EXAMPLE.TEST"), "a@b");
  EXPECT_EQ(without_realm("we\\\\b\\/x@E"), "we\\b/x");
  EXPECT_EQ(without_realm("a\\"), "a\\");
  EXPECT_EQ(without_realm("a\\nb\\tc\\bd@E"), "a\nb\tc\bd") << "not the letters";
  EXPECT_EQ(realm_of("a@E\\nX"), "E\nX");
  EXPECT_EQ(without_realm("a\\\\nb@E"), "a\\nb") << "an escaped backslash, then a letter";
}

// A string of the protocol ends with a NUL, and "alice" must not be what is left of somebody else.
TEST(Principal, KeepsTheEscapesOfWhatIsNoText) {
  EXPECT_EQ(without_realm("alice\\0x@E"), "alice\\0x");
  EXPECT_EQ(without_realm("caf\\xE9@E"), "caf\\xE9");
  EXPECT_EQ(realm_of("alice@E\\0"), "E\\0");
}

TEST(Principal, IsAnAccountWhereNoOtherHasTheSameName) {
  const auto parts = [](const char* principal) {
    const auto account = account_of(principal);
    return account ? account->name + '|' + account->realm + '|' + account->domain : "none";
  };
  EXPECT_EQ(parts("alice@EXAMPLE.TEST"), "alice|EXAMPLE.TEST|EXAMPLE");
  EXPECT_EQ(parts("alice/admin@Example.Test"), "alice/admin|Example.Test|EXAMPLE") << "a realm is left as it is";
  EXPECT_EQ(parts("EXAMPLE\\@eve@EVIL.TEST"), "EXAMPLE@eve|EVIL.TEST|EVIL");
  EXPECT_EQ(parts("EXAMPLE\\\\eve@EVIL.TEST"), "EXAMPLE\\eve|EVIL.TEST|EVIL");
  EXPECT_EQ(parts("a\\nb@E"), "a\nb|E|E");
  EXPECT_EQ(parts("a\\\\0@E"), "a\\0|E|E");
  for (const char* other :
       {"alice\\0x@E", "caf\\xE9@E", "alice\\/admin@E", "alice@E\\0", "alice@E\\xFF", "a@b\\@E", "a@E\\\\b"})
    EXPECT_EQ(parts(other), "none") << other;
}

}  // namespace
}  // namespace sspid::worker::gss
