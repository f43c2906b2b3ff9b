#include "client-lib/identity.h"

#include <string>

#include <gtest/gtest.h>

#include "exact.h"
#include "proto/limits.h"

namespace sspi {
namespace {

using test::Exact;

std::string text(const Secret& secret) {
  const auto bytes = secret.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The caller's strings, in memory that ends where they end: they need no NUL (E-016).
struct Caller {
  Caller(std::string_view its_user, std::string_view its_domain, std::string_view its_password)
      : user(its_user.data(), its_user.size()),
        domain(its_domain.data(), its_domain.size()),
        password(its_password.data(), its_password.size()) {}
  Caller(std::u16string_view its_user, std::u16string_view its_domain, std::u16string_view its_password)
      : user(its_user.data(), 2 * its_user.size()),
        domain(its_domain.data(), 2 * its_domain.size()),
        password(its_password.data(), 2 * its_password.size()),
        unit(2) {}

  template <class Form>
  Form form(ULONG flags) const {
    Form form{};
    form.User = static_cast<decltype(form.User)>(user.data());
    form.UserLength = static_cast<ULONG>(user.size() / unit);
    form.Domain = static_cast<decltype(form.Domain)>(domain.data());
    form.DomainLength = static_cast<ULONG>(domain.size() / unit);
    form.Password = static_cast<decltype(form.Password)>(password.data());
    form.PasswordLength = static_cast<ULONG>(password.size() / unit);
    form.Flags = flags;
    return form;
  }

  Exact user, domain, password;
  std::size_t unit = 1;
};

template <class Form>
SECURITY_STATUS parse(const Form& form, Identity& identity) {
  const Exact exact(&form, sizeof form);
  return parse_identity(exact.data(), identity);
}

TEST(Identity, reads_exactly_the_lengths_of_the_ansi_form) {
  const Caller caller(std::string_view("alice"), "EXAMPLE.TEST", "s\xC3\xA9same");
  Identity identity;
  ASSERT_EQ(parse(caller.form<SEC_WINNT_AUTH_IDENTITY_A>(SEC_WINNT_AUTH_IDENTITY_ANSI), identity), SEC_E_OK);
  EXPECT_EQ(identity.user, "alice");
  EXPECT_EQ(identity.domain, "EXAMPLE.TEST");
  ASSERT_TRUE(identity.password);
  EXPECT_EQ(text(*identity.password), "s\xC3\xA9same");
}

TEST(Identity, reads_exactly_the_lengths_of_the_unicode_form) {
  const Caller caller(std::u16string_view(u"zoë"), u"D", u"p€\U0001F511");
  Identity identity;
  ASSERT_EQ(parse(caller.form<SEC_WINNT_AUTH_IDENTITY_W>(SEC_WINNT_AUTH_IDENTITY_UNICODE), identity), SEC_E_OK);
  EXPECT_EQ(identity.user, "zo\xC3\xAB");
  EXPECT_EQ(text(*identity.password), "p\xE2\x82\xAC\xF0\x9F\x94\x91");
}

TEST(Identity, tells_no_password_from_an_empty_one) {
  SEC_WINNT_AUTH_IDENTITY_A form{};
  form.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
  Identity none;
  ASSERT_EQ(parse(form, none), SEC_E_OK);
  EXPECT_FALSE(none.password);
  EXPECT_TRUE(none.user.empty());

  unsigned char nothing = 0;
  form.Password = &nothing;
  Identity empty;
  ASSERT_EQ(parse(form, empty), SEC_E_OK);
  ASSERT_TRUE(empty.password);
  EXPECT_EQ(empty.password->size(), 0u);
}

TEST(Identity, needs_one_encoding_and_ignores_other_flags) {
  const Caller caller(std::string_view("a"), "", "");
  for (const ULONG flags : {0u, 3u, 4u, 0x80000000u}) {
    Identity identity;
    EXPECT_EQ(parse(caller.form<SEC_WINNT_AUTH_IDENTITY_A>(flags), identity), SEC_E_INVALID_PARAMETER) << flags;
  }
  Identity identity;
  EXPECT_EQ(parse(caller.form<SEC_WINNT_AUTH_IDENTITY_A>(0x80000005u), identity), SEC_E_OK);
}

TEST(Identity, reads_the_ex_form_with_its_package_list) {
  const Caller caller(std::u16string_view(u"bob"), u"", u"pw");
  auto form = caller.form<SEC_WINNT_AUTH_IDENTITY_EXW>(SEC_WINNT_AUTH_IDENTITY_UNICODE);
  const Exact list(u"!ntlm", 10);
  form.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
  form.Length = sizeof form;
  form.PackageList = static_cast<decltype(form.PackageList)>(list.data());
  form.PackageListLength = 5;
  Identity identity;
  ASSERT_EQ(parse(form, identity), SEC_E_OK);
  EXPECT_EQ(identity.user, "bob");
  EXPECT_EQ(identity.package_list, "!ntlm");

  form.Length = sizeof form - 1;
  EXPECT_EQ(parse(form, identity), SEC_E_INVALID_PARAMETER);
}

TEST(Identity, refuses_lengths_without_pointers) {
  for (ULONG SEC_WINNT_AUTH_IDENTITY_A::*const length :
       {&SEC_WINNT_AUTH_IDENTITY_A::UserLength, &SEC_WINNT_AUTH_IDENTITY_A::DomainLength,
        &SEC_WINNT_AUTH_IDENTITY_A::PasswordLength}) {
    SEC_WINNT_AUTH_IDENTITY_A form{};
    form.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
    form.*length = 1;
    Identity identity;
    EXPECT_EQ(parse(form, identity), SEC_E_INVALID_PARAMETER);
  }
}

TEST(Identity, bounds_every_string) {
  const std::string name(sspid::proto::kMaxName, 'x');
  const std::string password(sspid::proto::kMaxPassword, 'x');
  Identity identity;
  EXPECT_EQ(parse(Caller(name, name, password).form<SEC_WINNT_AUTH_IDENTITY_A>(1), identity), SEC_E_OK);
  EXPECT_EQ(parse(Caller(name + 'x', name, password).form<SEC_WINNT_AUTH_IDENTITY_A>(1), identity),
            SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(parse(Caller(name, name + 'x', password).form<SEC_WINNT_AUTH_IDENTITY_A>(1), identity),
            SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(parse(Caller(name, name, password + 'x').form<SEC_WINNT_AUTH_IDENTITY_A>(1), identity),
            SEC_E_INVALID_PARAMETER);
}

TEST(Identity, refuses_text_that_is_malformed_or_holds_a_nul) {
  using namespace std::string_view_literals;
  for (const std::string_view bad : {"a\xFF"sv, "a\0b"sv}) {
    Identity identity;
    EXPECT_EQ(parse(Caller(bad, "", "").form<SEC_WINNT_AUTH_IDENTITY_A>(1), identity), SEC_E_INVALID_PARAMETER);
    EXPECT_EQ(parse(Caller(""sv, "", bad).form<SEC_WINNT_AUTH_IDENTITY_A>(1), identity), SEC_E_INVALID_PARAMETER);
  }
  const std::u16string lone{0xD800};
  Identity identity;
  EXPECT_EQ(parse(Caller(u"", u"", std::u16string_view(lone)).form<SEC_WINNT_AUTH_IDENTITY_W>(2), identity),
            SEC_E_INVALID_PARAMETER);
}

}  // namespace
}  // namespace sspi
