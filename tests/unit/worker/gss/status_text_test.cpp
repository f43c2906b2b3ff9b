// Texts of failures, made by the real libraries.
#include <cerrno>

#include <gtest/gtest.h>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/krb5_handle.h"
#include "daemon/worker/gss/mechanisms.h"
#include "daemon/worker/gss/status.h"
#include "proto/limits.h"

namespace sspid::worker::gss {
namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// The mechglue shows only minor codes that it has handed out itself, so that a real failure is needed.
TEST(Describe, NamesBothCodesAndMitsDetails) {
  const char* missing = "FILE:/nonexistent/status_text_test.keytab";
  gss_key_value_element_desc element = {"keytab", missing};
  const gss_key_value_set_desc store = {1, &element};
  gss_OID_set_desc kerberos = {1, krb5()};
  Credential credential;
  OM_uint32 minor = 0;
  const OM_uint32 major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &kerberos, GSS_C_ACCEPT,
                                                &store, credential.out(), nullptr, nullptr);
  ASSERT_TRUE(GSS_ERROR(major));
  const std::string text = describe(major, minor, krb5());
  EXPECT_TRUE(contains(text, "No credentials were supplied")) << text;
  EXPECT_TRUE(contains(text, missing)) << text;
  EXPECT_FALSE(contains(text, "\n")) << text;
  EXPECT_EQ(minor_in(text), KRB5_KT_NOTFOUND) << text;
  EXPECT_EQ(status_of(Call::acquire, major, minor, {}), SEC_E_NO_CREDENTIALS);
}

TEST(Describe, LeavesOutAMinorCodeThatSaysNothing) {
  EXPECT_EQ(describe(GSS_S_BAD_BINDINGS, 0, krb5()), "Incorrect channel bindings were supplied");
}

TEST(Describe, NamesEveryBitOfTheMajorCode) {
  const std::string text = describe(GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME, 0, krb5());
  EXPECT_TRUE(contains(text, "could not be read")) << text;
  EXPECT_TRUE(contains(text, "name")) << text;
}

TEST(DescribeKrb5, GivesTheDetailsOfTheFailureAtHand) {
  Krb5Context context;
  ASSERT_EQ(context.initialize(), 0);
  krb5_set_error_message(context.get(), KRB5_KT_NOTFOUND, "No key for HTTP/web@EXAMPLE.TEST");
  EXPECT_EQ(describe_krb5(context.get(), KRB5_KT_NOTFOUND), "No key for HTTP/web@EXAMPLE.TEST");
}

TEST(DescribeKrb5, WorksWithoutAContext) {
  Krb5Context registers_the_texts;
  ASSERT_EQ(registers_the_texts.initialize(), 0);
  EXPECT_EQ(describe_krb5(nullptr, KRB5KRB_AP_ERR_SKEW), "Clock skew too great");
}

TEST(DescribeKrb5, MakesOneLineOfAnything) {
  Krb5Context context;
  ASSERT_EQ(context.initialize(), 0);
  krb5_set_error_message(context.get(), EIO, "%s", "  first\nsecond\t\r\n third\x7F\x01 ");
  EXPECT_EQ(describe_krb5(context.get(), EIO), "first second third");
}

TEST(DescribeKrb5, CutsBetweenCharacters) {
  Krb5Context context;
  ASSERT_EQ(context.initialize(), 0);
  // MIT keeps messages of any length; every character here has 3 bytes, which 4096 is no multiple of.
  std::string longer;
  while (longer.size() <= proto::kMaxDetail) longer += "\xE2\x82\xAC";
  krb5_set_error_message(context.get(), EIO, "%s", longer.c_str());
  const std::string text = describe_krb5(context.get(), EIO);
  EXPECT_EQ(text.size(), proto::kMaxDetail - proto::kMaxDetail % 3);
  EXPECT_EQ(text, longer.substr(0, text.size()));
}

TEST(MinorIn, FindsTheCodesOfTheLibrarysOwnTexts) {
  Krb5Context context;
  ASSERT_EQ(context.initialize(), 0);
  for (const long code : {KRB5KRB_AP_ERR_REPEAT,
                          KRB5KRB_AP_ERR_SKEW,
                          KRB5KRB_AP_ERR_TKT_EXPIRED,
                          KRB5KRB_AP_ERR_TKT_NYV,
                          KRB5KRB_AP_ERR_BAD_INTEGRITY,
                          KRB5KRB_AP_ERR_MODIFIED,
                          KRB5KRB_AP_ERR_NOT_US,
                          KRB5KRB_AP_ERR_BADKEYVER,
                          KRB5KRB_AP_ERR_BADMATCH,
                          KRB5KRB_AP_ERR_BADADDR,
                          KRB5KRB_AP_WRONG_PRINC,
                          KRB5KRB_AP_ERR_BADVERSION,
                          KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN,
                          KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN,
                          KRB5KDC_ERR_PREAUTH_FAILED,
                          KRB5KDC_ERR_POLICY,
                          KRB5KDC_ERR_KEY_EXP,
                          KRB5KDC_ERR_CLIENT_REVOKED,
                          KRB5_KDC_UNREACH,
                          long{EAGAIN},
                          KRB5_NOPERM_ETYPE}) {
    const std::string text = "Failure: " + describe_krb5(context.get(), static_cast<krb5_error_code>(code));
    EXPECT_EQ(minor_in(text), code) << text;
  }
}

struct Sentence {
  const char* text;
  long code;
};

TEST(MinorIn, FindsTheCodesOfSentencesWithNames) {
  const Sentence sentences[] = {
      {"Server HTTP/nosuch@EXAMPLE.TEST not found in Kerberos database", KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN},
      {"Client 'mallory@EXAMPLE.TEST' not found in Kerberos database", KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN},
      {"Cannot find KDC for realm \"NOWHERE.TEST\"", KRB5_REALM_UNKNOWN},
      {"Cannot contact any KDC for realm 'EXAMPLE.TEST'", KRB5_KDC_UNREACH},
      {"Can't find client principal bob@EXAMPLE.TEST in cache collection", KRB5_CC_NOTFOUND},
      {"No Kerberos credentials available (default cache: FILE:/tmp/krb5cc_0)", KRB5_FCC_NOFILE},
      {"Credentials cache keyring 'persistent:0:0' not found", KRB5_FCC_NOFILE},
      {"Keytab FILE:/etc/krb5.keytab is nonexistent or empty", KRB5_KT_NOTFOUND},
      {"Key table file '/etc/krb5.keytab' not found", KRB5_KT_NOTFOUND},
      {"No key table entry found for HTTP/web@EXAMPLE.TEST", KRB5_KT_NOTFOUND},
      {"Request ticket server HTTP/web@EXAMPLE.TEST not found in keytab (ticket kvno 3)", KRB5KRB_AP_ERR_NOT_US},
      {"Request ticket server HTTP/web@EXAMPLE.TEST kvno 3 not found in keytab; keytab is likely out of date",
       KRB5KRB_AP_ERR_NOT_US},
      {"Server principal a@E does not match request ticket server b@E", KRB5KRB_AP_WRONG_PRINC},
      {"Cannot decrypt ticket for a@E using keytab key for b@E", KRB5KRB_AP_ERR_MODIFIED},
      {"Encryption type arcfour-hmac not permitted", KRB5_NOPERM_ETYPE},
  };
  for (const Sentence& sentence : sentences) EXPECT_EQ(minor_in(sentence.text), sentence.code) << sentence.text;
}

TEST(MinorIn, KnowsNothingOfOtherTexts) {
  EXPECT_EQ(minor_in(""), 0);
  EXPECT_EQ(minor_in("Unspecified GSS failure.  Minor code may provide more information"), 0);
  EXPECT_EQ(minor_in("No context has been established"), 0);
}

}  // namespace
}  // namespace sspid::worker::gss
