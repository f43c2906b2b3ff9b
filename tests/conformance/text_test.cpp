// Every function that takes text, in both of its forms, with text that is out of the ordinary: letters beyond the BMP,
// 1,000 letters, bytes that are no UTF-8, surrogates that stand alone, NULs inside counted strings. One row a
// parameter; that no function is missing is checked against the headers.
#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>
#include <set>
#include <vector>

#include <poll.h>

#include "calls.h"
#include "support/ex2.h"
#include "support/sasl_peer.h"

namespace sspid::test {
namespace {

// Not the shortest form, a lone continuation, a cut-off letter, a surrogate, beyond the last code point, no byte of
// any.
const std::string kNotUtf8[] = {"x\xC0\xAF", "x\x80", "x\xC3", "x\xED\xA0\x80", "x\xF4\x90\x80\x80", "x\xFF"};
const std::u16string kNotUtf16[] = {{u'x', 0xD800}, {u'x', 0xDC00, u'y'}, {u'x', 0xD800, u'y'}, {0xDC00, 0xD800}};

std::string repeated(const std::string& letter, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += letter;
  return text;
}

// Well-formed, but what careless code stumbles over.
const std::string kUnusual[] = {"x\xF0\x9F\x98\x80y", std::string(1000, 'x'), repeated("\xC3\xBC", 1000),
                                repeated("\xF0\x9F\x98\x80", 500)};

/// One parameter of one function: what it answers to a text.
struct Row {
  std::string function;  ///< with its A or W
  std::string parameter;
  std::function<std::string(std::string)> narrow;   ///< of an A function
  std::function<std::string(std::u16string)> wide;  ///< of a W function
  std::string to_unusual;                           ///< the answer to well-formed text; nothing: any but the next
  std::string to_malformed = "SEC_E_INVALID_PARAMETER";
};

std::string answer(SECURITY_STATUS status) {
  const std::string name = status_name(status);
  return name.substr(0, name.find(' '));
}

std::string answer_boolean(BOOLEAN result) { return result != 0 ? "TRUE" : "FALSE"; }

LPWSTR characters(std::u16string& text) { return reinterpret_cast<LPWSTR>(text.data()); }

template <class Char>
auto pointer(std::basic_string<Char>& text) {
  if constexpr (sizeof(Char) == 1)
    return text.data();
  else
    return characters(text);
}

/// A credential and whatever else the calls need. The same for all rows.
class TextTest : public ::testing::Test {
 protected:
  TextTest() : realm_(world().realm) { fill(); }

  // A function in both forms: `call(text, wide)` gets the text in a string of its own, in the form's characters.
  template <class Call>
  void add(const std::string& function, const std::string& parameter, Call call, std::string to_unusual,
           const std::string& to_malformed = "SEC_E_INVALID_PARAMETER") {
    rows_.push_back(
        {function + 'A', parameter, [call](std::string text) { return call(text); }, {}, to_unusual, to_malformed});
    rows_.push_back({function + 'W',
                     parameter,
                     {},
                     [call](std::u16string text) { return call(text); },
                     std::move(to_unusual),
                     to_malformed});
  }
  template <class Call>
  void add_wide(const std::string& function, const std::string& parameter, Call call, std::string to_unusual,
                const std::string& to_malformed = "SEC_E_INVALID_PARAMETER") {
    rows_.push_back({function, parameter, {}, call, std::move(to_unusual), to_malformed});
  }

  void fill();
  void add_credentials();
  void add_contexts();
  void add_users();
  void add_asynchronous();
  void add_passwords();
  void add_identities();
  void add_names();

  template <class Char>
  static std::basic_string<Char> text(const char* ascii) {
    return {ascii, ascii + std::strlen(ascii)};
  }

  template <class Text>
  std::string acquire(Text* principal, Text& package) {
    CredHandle handle{1, 2};
    SECURITY_STATUS status = SEC_E_OK;
    if constexpr (sizeof(typename Text::value_type) == 1)
      status = AcquireCredentialsHandleA(principal ? principal->data() : nullptr, package.data(), SECPKG_CRED_OUTBOUND,
                                         nullptr, nullptr, nullptr, nullptr, &handle, nullptr);
    else
      status = AcquireCredentialsHandleW(principal ? characters(*principal) : nullptr, characters(package),
                                         SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr, &handle, nullptr);
    if (status == SEC_E_OK)
      FreeCredentialsHandle(&handle);
    else
      EXPECT_TRUE(is_invalidated(handle));
    return answer(status);
  }

  Realm& realm_;
  Credential user_{"Kerberos", SECPKG_CRED_OUTBOUND};
  std::vector<Row> rows_;
};

template <class Text>
constexpr bool is_narrow = sizeof(typename Text::value_type) == 1;

void TextTest::add_credentials() {
  add(
      "AcquireCredentialsHandle", "pszPackage",
      [this](auto package) { return acquire<decltype(package)>(nullptr, package); }, "SEC_E_SECPKG_NOT_FOUND");
  add(
      "AcquireCredentialsHandle", "pszPrincipal",
      [this](auto principal) {
        auto package = text<typename decltype(principal)::value_type>("Kerberos");
        return acquire(&principal, package);
      },
      "SEC_E_NO_CREDENTIALS");
  const auto add_credential = [](auto* principal, auto& package) {
    Credential credential("Negotiate", SECPKG_CRED_OUTBOUND);
    if constexpr (is_narrow<std::remove_reference_t<decltype(package)>>)
      return answer(AddCredentialsA(credential.get(), principal ? principal->data() : nullptr, package.data(),
                                    SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr));
    else
      return answer(AddCredentialsW(credential.get(), principal ? characters(*principal) : nullptr, characters(package),
                                    SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr));
  };
  add(
      "AddCredentials", "pszPackage",
      [=](auto package) { return add_credential(static_cast<decltype(package)*>(nullptr), package); },
      "SEC_E_SECPKG_NOT_FOUND");
  add(
      "AddCredentials", "pszPrincipal",
      [=](auto principal) {
        auto package = text<typename decltype(principal)::value_type>("Kerberos");
        return add_credential(&principal, package);
      },
      "SEC_E_NO_CREDENTIALS");
  add(
      "QuerySecurityPackageInfo", "pszPackageName",
      [](auto name) {
        if constexpr (is_narrow<decltype(name)>) {
          PSecPkgInfoA info = nullptr;
          return answer(QuerySecurityPackageInfoA(name.data(), &info));
        } else {
          PSecPkgInfoW info = nullptr;
          return answer(QuerySecurityPackageInfoW(characters(name), &info));
        }
      },
      "SEC_E_SECPKG_NOT_FOUND");
}

void TextTest::add_users() {
  // The parameter of this number is the sample, the others are what they ought to be.
  const auto acquired = [](auto sample, std::size_t which) {
    using Text = decltype(sample);
    using Char = typename Text::value_type;
    std::vector<Text> all{text<Char>("alice"), text<Char>("Kerberos"), text<Char>("host/localhost")};
    all[which] = sample;
    CredHandle handle{1, 2};
    SECURITY_STATUS status = SEC_E_OK;
    if constexpr (is_narrow<Text>)
      status = SspiAcquireCredentialsForUserA(all[0].data(), all[1].data(), nullptr, all[2].data(), &handle, nullptr);
    else
      status = SspiAcquireCredentialsForUserW(characters(all[0]), characters(all[1]), nullptr, characters(all[2]),
                                              &handle, nullptr);
    if (status == SEC_E_OK) FreeCredentialsHandle(&handle);
    return answer(status);
  };
  add(
      "SspiAcquireCredentialsForUser", "pszUserName", [=](auto user) { return acquired(user, 0); },
      "SEC_E_LOGON_DENIED");
  add(
      "SspiAcquireCredentialsForUser", "pszPackage", [=](auto package) { return acquired(package, 1); },
      "SEC_E_SECPKG_NOT_FOUND");
  add(
      "SspiAcquireCredentialsForUser", "pszServicePrincipal", [=](auto name) { return acquired(name, 2); },
      "SEC_E_NO_CREDENTIALS");
}

void TextTest::add_contexts() {
  const auto initialize = [this](auto target, bool sasl) {
    OwnedContext context;
    Buffers output;
    output.room(SECBUFFER_TOKEN, 65536);
    if constexpr (is_narrow<decltype(target)>) {
      target = "host/" + target;
      return answer((sasl ? SaslInitializeSecurityContextA : InitializeSecurityContextA)(
          user_.get(), nullptr, target.data(), kUsualRequirements, 0, SECURITY_NATIVE_DREP, nullptr, 0, context.get(),
          output.get(), nullptr, nullptr));
    } else {
      target = u"host/" + target;
      return answer((sasl ? SaslInitializeSecurityContextW : InitializeSecurityContextW)(
          user_.get(), nullptr, characters(target), kUsualRequirements, 0, SECURITY_NATIVE_DREP, nullptr, 0,
          context.get(), output.get(), nullptr, nullptr));
    }
  };
  add(
      "InitializeSecurityContext", "pszTargetName", [=](auto target) { return initialize(target, false); },
      "SEC_E_TARGET_UNKNOWN");
  add(
      "SaslInitializeSecurityContext", "pszTargetName", [=](auto target) { return initialize(target, true); },
      "SEC_E_TARGET_UNKNOWN");
  add(
      "SaslGetProfilePackage", "ProfileName",
      [](auto name) {
        if constexpr (is_narrow<decltype(name)>) {
          PSecPkgInfoA info = nullptr;
          return answer(SaslGetProfilePackageA(name.data(), &info));
        } else {
          PSecPkgInfoW info = nullptr;
          return answer(SaslGetProfilePackageW(characters(name), &info));
        }
      },
      "SEC_E_SECPKG_NOT_FOUND");
  add(
      "ImportSecurityContext", "pszPackage",
      [](auto name) {
        Bytes packed = random_bytes(100);
        SecBuffer buffer{static_cast<ULONG>(packed.size()), SECBUFFER_EMPTY, packed.data()};
        OwnedContext context;
        if constexpr (is_narrow<decltype(name)>)
          return answer(ImportSecurityContextA(name.data(), &buffer, nullptr, context.get()));
        else
          return answer(ImportSecurityContextW(characters(name), &buffer, nullptr, context.get()));
      },
      "SEC_E_SECPKG_NOT_FOUND");
}

// What an asynchronous call ends with.
std::string awaited(SspiAsyncContext* context, SECURITY_STATUS started) {
  if (started != SEC_E_OK) return answer(started);
  SECURITY_STATUS status = SEC_I_ASYNC_CALL_PENDING;
  while ((status = SspiGetAsyncCallStatus(context)) == SEC_I_ASYNC_CALL_PENDING) {
    pollfd ready{SspiGetAsyncDescriptor(context), POLLIN, 0};
    ::poll(&ready, 1, -1);
  }
  return answer(status);
}

void TextTest::add_asynchronous() {
  const auto acquired = [](auto* principal, auto& package) {
    SspiAsyncContext* context = SspiCreateAsyncContext();
    CredHandle handle{1, 2};
    SECURITY_STATUS status = SEC_E_OK;
    if constexpr (is_narrow<std::remove_reference_t<decltype(package)>>)
      status = SspiAcquireCredentialsHandleAsyncA(context, principal ? principal->data() : nullptr, package.data(),
                                                  SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr, &handle,
                                                  nullptr);
    else
      status = SspiAcquireCredentialsHandleAsyncW(context, principal ? characters(*principal) : nullptr,
                                                  characters(package), SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr,
                                                  nullptr, &handle, nullptr);
    std::string end = awaited(context, status);
    if (end == "SEC_E_OK") FreeCredentialsHandle(&handle);
    SspiFreeAsyncContext(context);
    return end;
  };
  add(
      "SspiAcquireCredentialsHandleAsync", "pszPackage",
      [=](auto package) { return acquired(static_cast<decltype(package)*>(nullptr), package); },
      "SEC_E_SECPKG_NOT_FOUND");
  add(
      "SspiAcquireCredentialsHandleAsync", "pszPrincipal",
      [=](auto principal) {
        auto package = text<typename decltype(principal)::value_type>("Kerberos");
        return acquired(&principal, package);
      },
      "SEC_E_NO_CREDENTIALS");
  add(
      "SspiInitializeSecurityContextAsync", "pszTargetName",
      [this](auto target) {
        SspiAsyncContext* async = SspiCreateAsyncContext();
        OwnedContext context;
        Buffers output;
        output.room(SECBUFFER_TOKEN, 65536);
        SECURITY_STATUS status = SEC_E_OK;
        if constexpr (is_narrow<decltype(target)>) {
          target = "host/" + target;
          status = SspiInitializeSecurityContextAsyncA(async, user_.get(), nullptr, target.data(), kUsualRequirements,
                                                       0, SECURITY_NATIVE_DREP, nullptr, 0, context.get(), output.get(),
                                                       nullptr, nullptr);
        } else {
          target = u"host/" + target;
          status = SspiInitializeSecurityContextAsyncW(async, user_.get(), nullptr, characters(target),
                                                       kUsualRequirements, 0, SECURITY_NATIVE_DREP, nullptr, 0,
                                                       context.get(), output.get(), nullptr, nullptr);
        }
        std::string end = awaited(async, status);
        SspiFreeAsyncContext(async);
        return end;
      },
      "SEC_E_TARGET_UNKNOWN");
}

void TextTest::add_passwords() {
  // The parameter of this number is the sample, the others are what they ought to be.
  const auto change = [this](auto sample, std::size_t which) {
    using Text = decltype(sample);
    using Char = typename Text::value_type;
    std::vector<Text> all{text<Char>("Kerberos"), text<Char>(realm_.name().c_str()), text<Char>("nobody-here"),
                          text<Char>("old"), text<Char>("new")};
    all[which] = sample;
    SecBuffer response{0, SECBUFFER_CHANGE_PASS_RESPONSE, nullptr};
    SecBufferDesc output{SECBUFFER_VERSION, 1, &response};
    SECURITY_STATUS status = SEC_E_OK;
    if constexpr (sizeof(Char) == 1)
      status = ChangeAccountPasswordA(all[0].data(), all[1].data(), all[2].data(), all[3].data(), all[4].data(), 0, 0,
                                      &output);
    else
      status = ChangeAccountPasswordW(characters(all[0]), characters(all[1]), characters(all[2]), characters(all[3]),
                                      characters(all[4]), 0, 0, &output);
    FreeContextBuffer(response.pvBuffer);
    return answer(status);
  };
  const char* const parameters[] = {"pszPackageName", "pszDomainName", "pszAccountName", "pszOldPassword",
                                    "pszNewPassword"};
  for (std::size_t i = 0; i < std::size(parameters); ++i)
    add(
        "ChangeAccountPassword", parameters[i], [=](auto sample) { return change(sample, i); },
        i == 0   ? "SEC_E_SECPKG_NOT_FOUND"
        : i == 1 ? "SEC_E_NO_AUTHENTICATING_AUTHORITY"
                 : "SEC_E_LOGON_DENIED");
}

void TextTest::add_identities() {
  const auto encode = [](PCWSTR user, PCWSTR domain, PCWSTR packed) {
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = nullptr;
    const SECURITY_STATUS status = SspiEncodeStringsAsAuthIdentity(user, domain, packed, &identity);
    SspiFreeAuthIdentity(identity);
    return answer(status);
  };
  add_wide(
      "SspiEncodeStringsAsAuthIdentity", "pszUserName",
      [=](std::u16string text) { return encode(characters(text), nullptr, nullptr); }, "SEC_E_OK");
  add_wide(
      "SspiEncodeStringsAsAuthIdentity", "pszDomainName",
      [=](std::u16string text) { return encode(nullptr, characters(text), nullptr); }, "SEC_E_OK");
  add_wide(
      "SspiEncodeStringsAsAuthIdentity", "pszPackedCredentialsString",
      [=](std::u16string text) { return encode(nullptr, nullptr, characters(text)); }, "SEC_E_OK");
  add_wide(
      "SspiExcludePackage", "pszPackageName",
      [](std::u16string text) {
        PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = nullptr;
        const SECURITY_STATUS status = SspiExcludePackage(nullptr, characters(text), &identity);
        SspiFreeAuthIdentity(identity);
        return answer(status);
      },
      "SEC_E_OK");
  add_wide(
      "SspiGetTargetHostName", "pszTargetName",
      [](std::u16string text) {
        PWSTR host = nullptr;
        const SECURITY_STATUS status = SspiGetTargetHostName(characters(text), &host);
        SspiLocalFree(host);
        return answer(status);
      },
      "SEC_E_OK");
}

void TextTest::add_names() {
  add(
      "TranslateName", "lpAccountName",
      [](auto name) {
        ULONG size = 8192;
        if constexpr (is_narrow<decltype(name)>) {
          std::string out(size, '\0');
          return answer_boolean(TranslateNameA(name.data(), NameSamCompatible, NameUserPrincipal, out.data(), &size));
        } else {
          std::u16string out(size, u'\0');
          return answer_boolean(
              TranslateNameW(characters(name), NameSamCompatible, NameUserPrincipal, characters(out), &size));
        }
      },
      "TRUE", "FALSE");
}

void TextTest::fill() {
  add_credentials();
  add_users();
  add_contexts();
  add_asynchronous();
  add_passwords();
  add_identities();
  add_names();
}

TEST_F(TextTest, E_117_every_A_function_refuses_what_is_no_UTF_8) {
  for (const Row& row : rows_) {
    if (!row.narrow) continue;
    for (const std::string& text : kNotUtf8)
      EXPECT_EQ(row.narrow(text), row.to_malformed) << row.function << ' ' << row.parameter;
  }
}

TEST_F(TextTest, E_118_every_W_function_refuses_unpaired_surrogates) {
  for (const Row& row : rows_) {
    if (!row.wide) continue;
    for (const std::u16string& text : kNotUtf16)
      EXPECT_EQ(row.wide(text), row.to_malformed) << row.function << ' ' << row.parameter;
  }
}

TEST_F(TextTest, unusual_text_is_answered_alike_in_both_forms) {
  for (const Row& row : rows_)
    for (const std::string& text : kUnusual) {
      const std::string got = row.narrow ? row.narrow(text) : row.wide(wide(text));
      EXPECT_EQ(got, row.to_unusual) << row.function << ' ' << row.parameter << ' ' << text.substr(0, 8) << " ("
                                     << text.size() << " bytes) " << SspiGetLastErrorText();
    }
}

// Functions whose text goes out only, or that do nothing here whatever they are given.
const std::set<std::string> kWithoutTextIn = {"GetUserNameExA",
                                              "GetUserNameExW",
                                              "GetComputerObjectNameA",
                                              "GetComputerObjectNameW",
                                              "SaslEnumerateProfilesA",
                                              "SaslEnumerateProfilesW",
                                              "SspiEncodeAuthIdentityAsStrings",
                                              "SspiPrepareForCredRead",
                                              "SspiPrepareForCredWrite",
                                              "SspiPromptForCredentialsA",
                                              "SspiPromptForCredentialsW",
                                              "AddSecurityPackageA",
                                              "AddSecurityPackageW",
                                              "DeleteSecurityPackageA",
                                              "DeleteSecurityPackageW",
                                              "DelegateSecurityContext",
                                              "SspiGetLastErrorText"};

TEST_F(TextTest, walks_every_function_that_the_headers_declare_with_text) {
  std::set<std::string> walked;
  for (const Row& row : rows_) walked.insert(row.function);
  const std::regex declaration(R"(SSPI_EXPORT\b[^;(]*?(\w+)\(([^;]*?)\);)");
  const std::regex text(R"((SEC_WCHAR|SEC_CHAR|LPWSTR|LPSTR|LPCWSTR|LPCSTR|PCWSTR|PCSTR|PWSTR)\b)");
  for (const char* header : {"sspi.h", "sspi_ext.h"}) {
    std::ifstream file(std::string(SSPI_HEADERS) + '/' + header);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(content.empty());
    for (std::sregex_iterator each(content.begin(), content.end(), declaration), end; each != end; ++each) {
      const std::string parameters = (*each)[2];
      if (!std::regex_search(parameters, text) || kWithoutTextIn.count((*each)[1]) != 0) continue;
      EXPECT_EQ(walked.count((*each)[1]), 1U) << (*each)[1] << " has text that no row is about";
    }
  }
}

// ---- Counted strings, in which a NUL can be

/// Each form of an identity with one of its strings replaced.
struct Form {
  const char* name;
  std::function<std::string(const std::u16string& user, const std::u16string& domain, const std::u16string& password)>
      acquire;
};

std::string acquired_with(void* identity) { return answer(Acquired({.identity = identity}).status); }

const Form kForms[] = {
    {"ANSI",
     [](const auto& user, const auto& domain, const auto& password) {
       Identity identity(narrow(user), narrow(domain), narrow(password));
       return acquired_with(identity.ansi());
     }},
    {"UNICODE",
     [](const auto& user, const auto& domain, const auto& password) {
       Identity identity(narrow(user), narrow(domain), narrow(password));
       return acquired_with(identity.unicode());
     }},
    {"ANSI EX",
     [](const auto& user, const auto& domain, const auto& password) {
       Identity identity(narrow(user), narrow(domain), narrow(password), "!ntlm");
       return acquired_with(identity.ansi_ex());
     }},
    {"UNICODE EX",
     [](const auto& user, const auto& domain, const auto& password) {
       Identity identity(narrow(user), narrow(domain), narrow(password), "!ntlm");
       return acquired_with(identity.unicode_ex());
     }},
    {"EX2",
     [](const auto& user, const auto& domain, const auto& password) {
       Bytes block =
           ex2({.user = utf16(user), .domain = utf16(domain), .packed_credentials = packed_password(password)});
       return acquired_with(block.data());
     }},
};

TEST_F(TextTest, NUL_inside_a_counted_string_is_refused) {
  const std::u16string nul(u"a\0b", 3);
  for (const Form& form : kForms) {
    EXPECT_EQ(form.acquire(nul, u"EXAMPLE.TEST", u"pw"), "SEC_E_INVALID_PARAMETER") << form.name;
    EXPECT_EQ(form.acquire(u"alice", nul, u"pw"), "SEC_E_INVALID_PARAMETER") << form.name;
    EXPECT_EQ(form.acquire(u"alice", u"EXAMPLE.TEST", nul), "SEC_E_INVALID_PARAMETER") << form.name;
  }
  Bytes block = ex2({.user = utf16(nul), .packed_credentials = packed_password(u"pw")});
  EXPECT_STATUS(SspiValidateAuthIdentity(block.data()), SEC_E_INVALID_PARAMETER);
  PCWSTR user = nullptr, domain = nullptr, packed = nullptr;
  EXPECT_STATUS(SspiEncodeAuthIdentityAsStrings(block.data(), &user, &domain, &packed), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(user, nullptr);
  Bytes list = ex2({.user = utf16(u"alice"), .package_list = utf16(nul)});
  EXPECT_EQ(acquired_with(list.data()), "SEC_E_INVALID_PARAMETER");
}

TEST_F(TextTest, unusual_identities_are_taken) {
  for (const Form& form : kForms)
    for (const std::string& text : kUnusual) {
      EXPECT_EQ(form.acquire(wide(text), u"EXAMPLE.TEST", u"pw"), "SEC_E_OK") << form.name << ' ' << text.size();
      EXPECT_EQ(form.acquire(u"alice", wide(text), u"pw"), "SEC_E_OK") << form.name << ' ' << text.size();
      EXPECT_EQ(form.acquire(u"alice", u"EXAMPLE.TEST", wide(text)), "SEC_E_OK") << form.name << ' ' << text.size();
    }
}

TEST_F(TextTest, NUL_inside_texts_of_SASL) {
  // Between the names of a list a NUL is what separates them; inside an authorization identity there is none.
  Buffers list;
  list.add(SECBUFFER_TOKEN, bytes_of(std::string_view("X\0GSSAPI\0", 9)));
  PSecPkgInfoA info = nullptr;
  EXPECT_STATUS(SaslIdentifyPackageA(list.get(), &info), SEC_E_OK);
  FreeContextBuffer(info);
  SaslInitiator client(user_, {.target = kTarget});
  ASSERT_EQ(client.step({}).state, Leg::State::more);
  for (const std::string& text : {std::string("u:a\0b", 5), kNotUtf8[0], kNotUtf8[3]}) {
    std::string copy = text;
    EXPECT_STATUS(
        SaslSetContextOption(client.get(), SASL_OPTION_AUTHZ_STRING, copy.data(), static_cast<ULONG>(copy.size())),
        SEC_E_INVALID_PARAMETER);
  }
  for (std::string text : kUnusual)
    EXPECT_STATUS(
        SaslSetContextOption(client.get(), SASL_OPTION_AUTHZ_STRING, text.data(), static_cast<ULONG>(text.size())),
        SEC_E_OK);
}

// ---- Out again

TEST_F(TextTest, unusual_names_come_back_in_both_forms) {
  for (const std::string& name : {std::string("x\xF0\x9F\x98\x80y"), std::string(200, 'x')}) {
    realm_.add_user(name, "secret");
    const Tickets tickets(realm_, name, "secret");
    Credential user("Kerberos", SECPKG_CRED_OUTBOUND);
    Credential service("Kerberos", SECPKG_CRED_INBOUND);
    Pair pair(user, service);
    SecPkgContext_NamesA narrow_names{};
    SecPkgContext_NamesW wide_names{};
    ASSERT_STATUS(QueryContextAttributesA(pair.server.get(), SECPKG_ATTR_NAMES, &narrow_names), SEC_E_OK);
    ASSERT_STATUS(QueryContextAttributesW(pair.server.get(), SECPKG_ATTR_NAMES, &wide_names), SEC_E_OK);
    EXPECT_EQ(std::string(narrow_names.sUserName), realm_.qualified(name));
    EXPECT_EQ(narrow(reinterpret_cast<const char16_t*>(wide_names.sUserName)), realm_.qualified(name));
    FreeContextBuffer(narrow_names.sUserName);
    FreeContextBuffer(wide_names.sUserName);
    ULONG size = 1000;
    std::u16string caller(size, u'\0');
    EXPECT_EQ(GetUserNameExW(NameUserPrincipal, characters(caller), &size), 1);
    EXPECT_EQ(narrow(std::u16string(caller.c_str())), realm_.qualified(name));
    EXPECT_EQ(size, wide(realm_.qualified(name)).size());
    realm_.remove(name);
  }
}

}  // namespace
}  // namespace sspid::test
