// Section D: text in and out, and the forms of a target's name.
#include <string>

#include "calls.h"
#include "support/gss_peer.h"

namespace sspid::test {
namespace {

// MIT's KDC cannot read a PAC of its own whose client has a backslash, or what is no text, in the name.
const bool without_pac =
    !(realm_options().sections = "[realms]\n    EXAMPLE.TEST = {\n        disable_pac = true\n    }\n").empty();

class Names : public EachPackage {
 protected:
  SECURITY_STATUS towards(const char* target) {
    OwnedContext context;
    Buffers output;
    output.room(SECBUFFER_TOKEN, 65536);
    return initialize(
        {.credential = user_.get(), .target = target, .new_context = context.get(), .output = output.get()});
  }
  SECURITY_STATUS towards(const std::string& target) { return towards(target.c_str()); }

  // Which service it reaches: the name in the ticket, as both ends tell it.
  std::string reached(const std::string& target) {
    Pair pair(user_, service_, asking(kUsualRequirements, target));
    EXPECT_EQ(pair.client.server_name(), pair.server.server_name());
    return pair.server.server_name();
  }

  SECURITY_STATUS towards_ansi(std::string target) {
    OwnedContext context;
    Buffers output;
    output.room(SECBUFFER_TOKEN, 65536);
    return InitializeSecurityContextA(user_.get(), nullptr, target.data(), kUsualRequirements, 0, SECURITY_NATIVE_DREP,
                                      nullptr, 0, context.get(), output.get(), nullptr, nullptr);
  }

  SECURITY_STATUS towards_wide(std::u16string target) {
    OwnedContext context;
    Buffers output;
    output.room(SECBUFFER_TOKEN, 65536);
    return InitializeSecurityContextW(user_.get(), nullptr, target.data(), kUsualRequirements, 0, SECURITY_NATIVE_DREP,
                                      nullptr, 0, context.get(), output.get(), nullptr, nullptr);
  }

  Credential user_ = outbound();
  Credential service_ = inbound();
};

// Not the shortest form, a lone continuation, a cut-off letter, a surrogate, beyond the last code point.
const std::string kNotUtf8[] = {"host/\xC0\xAF",         "host/\x80", "host/\xC3", "host/\xED\xA0\x80",
                                "host/\xF4\x90\x80\x80", "host/\xFF"};

TEST_P(Names, E_117_text_of_A_functions_is_UTF_8) {
  EXPECT_STATUS(towards_ansi("host/localhost"), SEC_I_CONTINUE_NEEDED);
  for (const std::string& text : kNotUtf8) {
    EXPECT_STATUS(towards_ansi(text), SEC_E_INVALID_PARAMETER);
    std::string package = text;
    CredHandle handle{1, 2};
    EXPECT_STATUS(AcquireCredentialsHandleA(nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr,
                                            nullptr, &handle, nullptr),
                  SEC_E_INVALID_PARAMETER);
    EXPECT_TRUE(is_invalidated(handle));
    std::string principal = text;
    std::string kerberos = package_;
    EXPECT_STATUS(AcquireCredentialsHandleA(principal.data(), kerberos.data(), SECPKG_CRED_OUTBOUND, nullptr, nullptr,
                                            nullptr, nullptr, &handle, nullptr),
                  SEC_E_INVALID_PARAMETER);
    SecPkgInfoA* info = nullptr;
    EXPECT_STATUS(QuerySecurityPackageInfoA(package.data(), &info), SEC_E_INVALID_PARAMETER);
  }
}

TEST_P(Names, E_117_text_of_an_ANSI_identity_is_UTF_8) {
  const auto acquire = [&](std::string user, std::string domain, std::string password) {
    const auto characters = [](std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); };
    SEC_WINNT_AUTH_IDENTITY_A identity{characters(user),
                                       static_cast<ULONG>(user.size()),
                                       characters(domain),
                                       static_cast<ULONG>(domain.size()),
                                       characters(password),
                                       static_cast<ULONG>(password.size()),
                                       SEC_WINNT_AUTH_IDENTITY_ANSI};
    return Acquired({.package = GetParam(), .identity = &identity}).status;
  };
  EXPECT_STATUS(acquire("jürgen", realm_.name(), "pässwörd"), SEC_E_OK);
  for (const std::string& text : kNotUtf8) {
    EXPECT_STATUS(acquire(text, realm_.name(), "password"), SEC_E_INVALID_PARAMETER);
    EXPECT_STATUS(acquire("alice", text, "password"), SEC_E_INVALID_PARAMETER);
    EXPECT_STATUS(acquire("alice", realm_.name(), text), SEC_E_INVALID_PARAMETER);
  }
}

TEST_P(Names, E_118_unpaired_surrogate_is_refused) {
  for (const std::u16string& text : {std::u16string{u'h', 0xD800}, std::u16string{u'h', 0xDC00, u'x'},
                                     std::u16string{u'h', 0xD800, u'x'}, std::u16string{u'h', 0xDC00, 0xD800}}) {
    EXPECT_STATUS(towards_wide(text), SEC_E_INVALID_PARAMETER);
    std::u16string package = text;
    CredHandle handle{1, 2};
    EXPECT_STATUS(AcquireCredentialsHandleW(nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr,
                                            nullptr, &handle, nullptr),
                  SEC_E_INVALID_PARAMETER);
    std::u16string user = text;
    SEC_WINNT_AUTH_IDENTITY_W identity{reinterpret_cast<unsigned short*>(user.data()),
                                       static_cast<ULONG>(user.size()),
                                       nullptr,
                                       0,
                                       nullptr,
                                       0,
                                       SEC_WINNT_AUTH_IDENTITY_UNICODE};
    EXPECT_STATUS(Acquired({.package = GetParam(), .identity = &identity}).status, SEC_E_INVALID_PARAMETER);
  }
}

TEST_P(Names, E_119_host_beyond_ASCII_goes_to_Kerberos_as_UTF_8) {
  const std::string service = "HTTP/bücher-" + in_lower_case() + ".test";
  realm_.add_service(service);
  const Tickets tickets(realm_, "alice", "alicepw");
  Credential user = outbound();
  SspiInitiator client(user, asking(kUsualRequirements, service));
  client.step({});
  ASSERT_STATUS(client.status(), SEC_I_CONTINUE_NEEDED);
  EXPECT_NE(realm_.kdc_log().find("for " + service), std::string::npos);
  EXPECT_EQ(realm_.kdc_log().find("xn--"), std::string::npos);
}

TEST_P(Names, E_120_E_121_without_a_target_Kerberos_knows_nobody) {
  EXPECT_STATUS(towards(""), SEC_E_TARGET_UNKNOWN);
  EXPECT_STATUS(towards(nullptr), SEC_E_TARGET_UNKNOWN);
  EXPECT_STATUS(InitializeSecurityContextA(user_.get(), nullptr, nullptr, 0, 0, 0, nullptr, 0, OwnedContext().get(),
                                           nullptr, nullptr, nullptr),
                SEC_E_TARGET_UNKNOWN);
}

TEST_P(Names, E_122_target_of_more_than_1024_characters_is_unknown_and_never_cut) {
  const std::string longest = "HTTP/" + std::string(1019, 'x');
  realm_.add_service(longest);
  const Tickets tickets(realm_, "alice", "alicepw");
  Credential user = outbound();
  SspiInitiator fits(user, asking(kUsualRequirements, longest));
  fits.step({});
  EXPECT_STATUS(fits.status(), SEC_I_CONTINUE_NEEDED);
  SspiInitiator too_long(user, asking(kUsualRequirements, longest + 'x'));
  too_long.step({});
  EXPECT_STATUS(too_long.status(), SEC_E_TARGET_UNKNOWN);
  EXPECT_STATUS(towards_ansi(longest + 'x'), SEC_E_TARGET_UNKNOWN);
  EXPECT_STATUS(towards_ansi("HTTP/" + std::string(100'000, 'x')), SEC_E_TARGET_UNKNOWN);
  realm_.remove(longest);
}

TEST_P(Names, E_123_realm_may_be_named_or_not) {
  EXPECT_EQ(reached("host/localhost"), realm_.qualified("host/localhost"));
  EXPECT_EQ(reached("host/localhost@" + realm_.name()), realm_.qualified("host/localhost"));
}

TEST_P(Names, E_124_GSS_form_is_a_user_of_an_unknown_realm) {
  const SECURITY_STATUS status = towards("host@localhost");
  EXPECT_TRUE(status == SEC_E_TARGET_UNKNOWN || status == SEC_E_NO_AUTHENTICATING_AUTHORITY) << status_name(status);
}

TEST_P(Names, E_125_port_is_part_of_the_name) {
  const std::string service = "MSSQLSvc/localhost:" + std::string(negotiates() ? "1433" : "1434");
  EXPECT_STATUS(towards(service), SEC_E_TARGET_UNKNOWN);
  realm_.add_service(service);
  const Tickets tickets(realm_, "alice", "alicepw");
  Credential user = outbound();
  SspiInitiator client(user, asking(kUsualRequirements, service));
  client.step({});
  EXPECT_STATUS(client.status(), SEC_I_CONTINUE_NEEDED);
  SspiInitiator with_realm(user, asking(kUsualRequirements, realm_.qualified(service)));
  with_realm.step({});
  EXPECT_STATUS(with_realm.status(), SEC_I_CONTINUE_NEEDED);
}

TEST_P(Names, E_126_case_of_the_host_does_not_count) {
  EXPECT_EQ(reached("HTTP/LOCALHOST"), realm_.qualified("HTTP/localhost"));
  EXPECT_EQ(reached("HTTP/LocalHost@" + realm_.name()), realm_.qualified("HTTP/localhost"));
}

TEST_P(Names, third_part_names_the_services_domain) {
  // A service of three parts in the default realm: "ldap/host/domain".
  const std::string service = "ldap/localhost/" + std::string(negotiates() ? "example.test" : "EXAMPLE.TEST");
  realm_.add_service(service);
  const Tickets tickets(realm_, "alice", "alicepw");
  Credential user = outbound();
  SspiInitiator client(user, asking(kUsualRequirements, service));
  client.step({});
  EXPECT_STATUS(client.status(), SEC_I_CONTINUE_NEEDED);
}

TEST_P(Names, user_as_a_target_is_what_the_KDC_says) {
  EXPECT_STATUS(towards(realm_.qualified("nosuchuser")), SEC_E_TARGET_UNKNOWN);
  EXPECT_STATUS(towards(realm_.qualified("bob")), SEC_I_CONTINUE_NEEDED);  // this KDC gives tickets for users
  // Such a KDC as Windows' wants the user's own ticket for that, which GSS-API cannot pass.
  realm_.modify("bob", "-allow_svr");
  const Tickets tickets(realm_, "alice", "alicepw");
  Credential user = outbound();
  SspiInitiator client(user, asking(kUsualRequirements, realm_.qualified("bob")));
  client.step({});
  EXPECT_STATUS(client.status(), SEC_E_NO_TGT_REPLY);
  realm_.modify("bob", "+allow_svr");
}

TEST_P(Names, account_names_of_Windows_are_no_target_of_Kerberos) {
  EXPECT_STATUS(towards("DOM\\account"), SEC_E_TARGET_UNKNOWN);
  EXPECT_STATUS(towards("account$"), SEC_E_TARGET_UNKNOWN);
  EXPECT_STATUS(towards("justaword"), SEC_E_TARGET_UNKNOWN);
}

TEST_P(Names, malformed_targets_are_unknown) {
  for (const char* target : {"/", "host/", "/localhost", "host//x", "@", "@EXAMPLE.TEST", "\\"})
    EXPECT_LT(towards(target), 0) << target;
}

TEST_P(Names, E_128_names_are_UTF_16_and_the_callers) {
  realm_.add_user("ängström", "pw");
  Identity identity("ängström", realm_.name(), "pw");
  Credential user = outbound(identity.unicode());
  Pair pair(user, service_);
  for (SspiContext* end : {static_cast<SspiContext*>(&pair.client), static_cast<SspiContext*>(&pair.server)}) {
    const auto names = end->attribute<SecPkgContext_NamesW>(SECPKG_ATTR_NAMES);
    EXPECT_EQ(std::u16string(names.sUserName), wide(realm_.qualified("ängström")));
    EXPECT_STATUS(FreeContextBuffer(names.sUserName), SEC_E_OK);
    SecPkgContext_NamesA names_a{};
    ASSERT_STATUS(QueryContextAttributesA(end->get(), SECPKG_ATTR_NAMES, &names_a), SEC_E_OK);
    EXPECT_EQ(names_a.sUserName, realm_.qualified("ängström"));
    EXPECT_STATUS(FreeContextBuffer(names_a.sUserName), SEC_E_OK);
  }
  realm_.remove("ängström");
}

TEST_P(Names, E_129_native_names_are_two_strings_of_their_own) {
  Pair pair(user_, service_);
  for (SspiContext* end : {static_cast<SspiContext*>(&pair.client), static_cast<SspiContext*>(&pair.server)}) {
    const auto names = end->attribute<SecPkgContext_NativeNamesW>(SECPKG_ATTR_NATIVE_NAMES);
    EXPECT_EQ(narrow(names.sClientName), realm_.qualified("alice"));
    EXPECT_STATUS(FreeContextBuffer(names.sClientName), SEC_E_OK);
    EXPECT_EQ(narrow(names.sServerName), realm_.qualified("host/localhost"));
    EXPECT_STATUS(FreeContextBuffer(names.sServerName), SEC_E_OK);
    SecPkgContext_NativeNamesA names_a{};
    ASSERT_STATUS(QueryContextAttributesA(end->get(), SECPKG_ATTR_NATIVE_NAMES, &names_a), SEC_E_OK);
    EXPECT_EQ(names_a.sClientName, realm_.qualified("alice"));
    EXPECT_EQ(names_a.sServerName, realm_.qualified("host/localhost"));
    EXPECT_STATUS(FreeContextBuffer(names_a.sServerName), SEC_E_OK);
    EXPECT_STATUS(FreeContextBuffer(names_a.sClientName), SEC_E_OK);
  }
}

/// What the library has to say of one name, wherever it says it.
void expect_name_everywhere(Credential& credential, Pair& pair, const std::string& name) {
  EXPECT_EQ(credential.name(), name);
  SecPkgCredentials_NamesA own{};
  ASSERT_STATUS(QueryCredentialsAttributesA(credential.get(), SECPKG_CRED_ATTR_NAMES, &own), SEC_E_OK);
  EXPECT_EQ(own.sUserName, name);
  EXPECT_STATUS(FreeContextBuffer(own.sUserName), SEC_E_OK);
  for (SspiContext* end : {static_cast<SspiContext*>(&pair.client), static_cast<SspiContext*>(&pair.server)}) {
    EXPECT_EQ(end->user_name(), name);
    EXPECT_EQ(end->client_name(), name);
    SecPkgContext_NamesA names{};
    ASSERT_STATUS(QueryContextAttributesA(end->get(), SECPKG_ATTR_NAMES, &names), SEC_E_OK);
    EXPECT_EQ(names.sUserName, name);
    EXPECT_STATUS(FreeContextBuffer(names.sUserName), SEC_E_OK);
    SecPkgContext_NativeNamesA natives{};
    ASSERT_STATUS(QueryContextAttributesA(end->get(), SECPKG_ATTR_NATIVE_NAMES, &natives), SEC_E_OK);
    EXPECT_EQ(natives.sClientName, name);
    EXPECT_STATUS(FreeContextBuffer(natives.sClientName), SEC_E_OK);
    EXPECT_STATUS(FreeContextBuffer(natives.sServerName), SEC_E_OK);
  }
  HANDLE token = nullptr;
  ASSERT_STATUS(QuerySecurityContextToken(pair.server.get(), &token), SEC_E_OK);
  SspiTokenInformation* information = nullptr;
  EXPECT_STATUS(SspiQueryTokenInformation(token, &information), SEC_E_OK);
  CloseHandle(token);
  ASSERT_NE(information, nullptr);
  EXPECT_EQ(information->Principal, name);
  EXPECT_STATUS(FreeContextBuffer(information), SEC_E_OK);
}

// Names of Kerberos are bytes, which the client's realm chooses. Nothing is lost of them, and nothing breaks.
TEST_P(Names, that_are_no_UTF_8_are_told_with_escapes) {
  for (const auto& [principal, shown] :
       {std::pair{"caf\xE9", R"(caf\xE9)"}, std::pair{"caf\xE8\xC3", R"(caf\xE8\xC3)"}}) {
    realm_.add_user(principal, "pw");
    {
      const Tickets tickets(realm_, principal, "pw");
      Credential user = outbound();
      Pair pair(user, service_);
      expect_name_everywhere(user, pair, realm_.qualified(shown));
      expect_messages_pass(pair.client, pair.server);
    }
    realm_.remove(principal);
  }
}

// Point 11: what fits into a request comes back as it went.
TEST_P(Names, of_1000_characters_come_back_whole) {
  // In UTF-16: the last letter takes two.
  for (const auto& [letter, count] :
       {std::pair{"x", 1000}, std::pair{"\xC3\xBC", 1000}, std::pair{"\xF0\x9F\x98\x80", 500}}) {
    std::string user;
    for (int i = 0; i < count; ++i) user += letter;
    realm_.add_user(user, "pw");
    {
      const Tickets tickets(realm_, user, "pw");
      Credential by_tickets = outbound();
      Pair pair(by_tickets, service_);
      expect_name_everywhere(by_tickets, pair, realm_.qualified(user));
    }
    if (!negotiates()) {  // whose identities have 256 characters at most (E-028)
      Identity identity(user, realm_.name(), "pw");
      Credential by_password = outbound(identity.unicode());
      Pair pair(by_password, service_);
      expect_name_everywhere(by_password, pair, realm_.qualified(user));
    }
    realm_.remove(user);
  }
}

TEST_P(Names, E_130_a_wide_character_has_16_bits) {
  static_assert(sizeof(SEC_WCHAR) == 2 && sizeof(WCHAR) == 2);
  // An L"" literal of this platform has 32-bit characters: read as 16-bit ones it ends after the first.
  const wchar_t literal[] = L"host/localhost";
  std::u16string misread(reinterpret_cast<const char16_t*>(literal));
  EXPECT_EQ(misread, u"h");
  EXPECT_STATUS(towards_wide(misread), SEC_E_TARGET_UNKNOWN);
  EXPECT_STATUS(towards_wide(u"host/localhost"), SEC_I_CONTINUE_NEEDED);
}

FOR_EACH_PACKAGE(Names);

}  // namespace
}  // namespace sspid::test
