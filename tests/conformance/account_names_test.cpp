// GetUserNameEx, GetComputerObjectName and TranslateName: names of accounts in the formats of Windows.
#include <algorithm>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include <pwd.h>
#include <unistd.h>

#include "calls.h"

namespace sspid::test {
namespace {

// MIT's KDC cannot read a PAC of its own whose client has a backslash, or what is no text, in the name.
const bool without_pac =
    !(realm_options().sections = "[realms]\n    EXAMPLE.TEST = {\n        disable_pac = true\n    }\n").empty();

std::string capitals(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// Each by the size first, as programs do it, in both forms of the function; nothing where it answers FALSE.
template <class Narrow, class Wide>
std::optional<std::string> told(Narrow&& narrow_call, Wide&& wide_call) {
  ULONG size = 0;
  (void)narrow_call(nullptr, &size);
  std::string text(size, '\x7F');
  const bool narrow_ok = narrow_call(text.data(), &size) != 0;
  ULONG wide_size = 0;
  (void)wide_call(nullptr, &wide_size);
  std::u16string wide_text(wide_size, u'\x7F');
  const bool wide_ok = wide_call(reinterpret_cast<LPWSTR>(wide_text.data()), &wide_size) != 0;
  EXPECT_EQ(narrow_ok, wide_ok);
  if (!narrow_ok || !wide_ok) return std::nullopt;
  EXPECT_EQ(text.back(), '\0') << "exactly what was said to be needed";
  EXPECT_EQ(std::string(text.c_str()), narrow(std::u16string(wide_text.c_str())));
  return std::string(text.c_str());
}

std::optional<std::string> user_name(EXTENDED_NAME_FORMAT format) {
  return told([&](LPSTR buffer, ULONG* size) { return GetUserNameExA(format, buffer, size); },
              [&](LPWSTR buffer, ULONG* size) { return GetUserNameExW(format, buffer, size); });
}

std::optional<std::string> computer_name(EXTENDED_NAME_FORMAT format) {
  return told([&](LPSTR buffer, ULONG* size) { return GetComputerObjectNameA(format, buffer, size); },
              [&](LPWSTR buffer, ULONG* size) { return GetComputerObjectNameW(format, buffer, size); });
}

std::optional<std::string> translated(const std::string& name, EXTENDED_NAME_FORMAT from, EXTENDED_NAME_FORMAT to) {
  const std::u16string wide_name = wide(name);
  return told([&](LPSTR buffer, ULONG* size) { return TranslateNameA(name.c_str(), from, to, buffer, size); },
              [&](LPWSTR buffer, ULONG* size) {
                return TranslateNameW(reinterpret_cast<LPCWSTR>(wide_name.c_str()), from, to, buffer, size);
              });
}

class AccountNames : public ::testing::Test {
 protected:
  AccountNames() : world_(world()) {}
  World& world_;
};

TEST_F(AccountNames, translated_between_formats) {
  struct Case {
    const char* name;
    EXTENDED_NAME_FORMAT from, to;
    const char* wanted;  ///< null: FALSE
  };
  for (const Case& each : {
           Case{"EXAMPLE\\alice", NameSamCompatible, NameUserPrincipal, "alice@EXAMPLE.TEST"},
           Case{"example\\alice", NameSamCompatible, NameUserPrincipal, "alice@EXAMPLE.TEST"},
           Case{"EXAMPLE.TEST\\alice", NameSamCompatible, NameUserPrincipal, "alice@EXAMPLE.TEST"},
           Case{"alice", NameSamCompatible, NameUserPrincipal, "alice@EXAMPLE.TEST"},
           Case{"alice@EXAMPLE.TEST", NameUserPrincipal, NameSamCompatible, "EXAMPLE\\alice"},
           Case{"alice@example.test", NameUserPrincipal, NameUserPrincipal, "alice@EXAMPLE.TEST"},
           Case{"alice@EXAMPLE.TEST", NameUserPrincipal, NameDnsDomain, "EXAMPLE.TEST\\alice"},
           Case{"EXAMPLE.TEST\\alice", NameDnsDomain, NameSamCompatible, "EXAMPLE\\alice"},
           Case{"bob@other.test", NameUserPrincipal, NameSamCompatible, "OTHER\\bob"},
           Case{"OTHER.TEST\\bob", NameSamCompatible, NameUserPrincipal, "bob@OTHER.TEST"},
           Case{"EXAMPLE\\alice", NameUnknown, NameUserPrincipal, "alice@EXAMPLE.TEST"},
           Case{"alice@EXAMPLE.TEST", NameUnknown, NameSamCompatible, "EXAMPLE\\alice"},
           Case{"EXAMPLE\\jürgen", NameSamCompatible, NameUserPrincipal, "jürgen@EXAMPLE.TEST"},
           Case{"host/x@EXAMPLE.TEST", NameUserPrincipal, NameSamCompatible, "EXAMPLE\\host/x"},
           Case{"", NameSamCompatible, NameUserPrincipal, nullptr},
           Case{"\\alice", NameSamCompatible, NameUserPrincipal, nullptr},
           Case{"EXAMPLE\\", NameSamCompatible, NameUserPrincipal, nullptr},
           Case{"A\\B\\C", NameSamCompatible, NameUserPrincipal, nullptr},
           Case{"alice@EXAMPLE.TEST", NameSamCompatible, NameUserPrincipal, nullptr},
           Case{"EXAMPLE\\alice", NameUserPrincipal, NameSamCompatible, nullptr},
           Case{"alice@", NameUserPrincipal, NameSamCompatible, nullptr},
           Case{"@EXAMPLE.TEST", NameUserPrincipal, NameSamCompatible, nullptr},
           Case{"CN=alice", NameFullyQualifiedDN, NameSamCompatible, nullptr},
           Case{"EXAMPLE\\alice", NameSamCompatible, NameUniqueId, nullptr},
       }) {
    const auto name = translated(each.name, each.from, each.to);
    EXPECT_EQ(name.value_or("FALSE"), each.wanted != nullptr ? each.wanted : "FALSE") << each.name;
    if (each.wanted != nullptr) continue;
    EXPECT_STRNE(SspiGetLastErrorText(), "") << each.name;
  }
}

// The size alone, as PostgreSQL asks for it; both count the NUL.
TEST_F(AccountNames, translation_tells_its_size_with_the_NUL) {
  ULONG size = 0;
  EXPECT_EQ(TranslateNameA("EXAMPLE\\alice", NameSamCompatible, NameUserPrincipal, nullptr, &size), 1);
  EXPECT_EQ(size, 19U);
  std::string text(19, 'x');
  EXPECT_EQ(TranslateNameA("EXAMPLE\\alice", NameSamCompatible, NameUserPrincipal, text.data(), &size), 1);
  EXPECT_EQ(size, 19U);
  EXPECT_STREQ(text.c_str(), "alice@EXAMPLE.TEST");
  size = 18;
  std::string small(19, 'x');
  EXPECT_EQ(TranslateNameA("EXAMPLE\\alice", NameSamCompatible, NameUserPrincipal, small.data(), &size), 0);
  EXPECT_EQ(size, 19U);
  EXPECT_EQ(small, std::string(19, 'x'));
}

TEST_F(AccountNames, caller_is_the_principal_of_his_tickets) {
  EXPECT_EQ(user_name(NameUserPrincipal), "alice@EXAMPLE.TEST");
  EXPECT_EQ(user_name(NameSamCompatible), "EXAMPLE\\alice");
  EXPECT_EQ(user_name(NameDnsDomain), "EXAMPLE.TEST\\alice");
  const Tickets bob(world_.realm, "bob", "bobpw");
  EXPECT_EQ(user_name(NameUserPrincipal), "bob@EXAMPLE.TEST");
}

/// A server's context with somebody who has these tickets.
struct ServedClient {
  ServedClient(Realm& realm, const std::string& user, const std::string& password)
      : tickets(std::make_unique<Tickets>(realm, user, password)), pair(outbound, inbound) {
    tickets.reset();  // the process has its own again
  }

  std::unique_ptr<Tickets> tickets;
  Credential outbound{"Kerberos", SECPKG_CRED_OUTBOUND}, inbound{"Kerberos", SECPKG_CRED_INBOUND};
  Pair pair;
};

/// The calling thread acts for the client of a context as long as this lives.
class ActingFor {
 public:
  explicit ActingFor(SspiContext& server) : server_(server) {
    must("SspiImpersonateNetworkOnly", SspiImpersonateNetworkOnly(server_.get()));
  }
  ~ActingFor() { EXPECT_STATUS(RevertSecurityContext(server_.get()), SEC_E_OK); }
  ActingFor(const ActingFor&) = delete;
  ActingFor& operator=(const ActingFor&) = delete;

 private:
  SspiContext& server_;
};

TEST_F(AccountNames, thread_that_acts_for_a_client_has_the_clients_name) {
  ServedClient bob(world_.realm, "bob", "bobpw");
  EXPECT_EQ(user_name(NameUserPrincipal), "alice@EXAMPLE.TEST");
  {
    const ActingFor client(bob.pair.server);
    EXPECT_EQ(user_name(NameUserPrincipal), "bob@EXAMPLE.TEST");
    EXPECT_EQ(user_name(NameSamCompatible), "EXAMPLE\\bob");
    EXPECT_EQ(user_name(NameDnsDomain), "EXAMPLE.TEST\\bob");
    EXPECT_EQ(user_name(NameDisplay), std::nullopt) << "no account here";
    auto elsewhere = std::async(std::launch::async, [] { return user_name(NameUserPrincipal); });
    EXPECT_EQ(elsewhere.get(), "alice@EXAMPLE.TEST") << "another thread is the process";
  }
  EXPECT_EQ(user_name(NameUserPrincipal), "alice@EXAMPLE.TEST");
}

TEST_F(AccountNames, client_with_an_account_has_its_full_name) {
  const passwd* root = ::getpwuid(0);
  ASSERT_NE(root, nullptr);
  world_.realm.add_user(root->pw_name, "rootpw");
  ServedClient client(world_.realm, root->pw_name, "rootpw");
  const ActingFor acting(client.pair.server);
  EXPECT_EQ(user_name(NameDisplay), root->pw_gecos);
  EXPECT_EQ(user_name(NameSamCompatible), std::string("EXAMPLE\\") + root->pw_name);
}

// What a realm puts into its principals is no domain: one component "OTHER@eve", or "OTHER\eve", is a user of this
// realm.
TEST_F(AccountNames, client_does_not_choose_his_domain) {
  struct Case {
    const char *principal, *user;
  };
  for (const Case& each : {Case{R"(OTHER\@eve)", "OTHER@eve"}, Case{R"(OTHER\\eve)", R"(OTHER\eve)"}}) {
    world_.realm.add_user(each.principal, "evepw");
    ServedClient eve(world_.realm, each.principal, "evepw");
    EXPECT_EQ(eve.pair.server.user_name(), world_.realm.qualified(each.principal));
    const ActingFor client(eve.pair.server);
    EXPECT_EQ(user_name(NameSamCompatible), std::string("EXAMPLE\\") + each.user);
    EXPECT_EQ(user_name(NameUserPrincipal), std::string(each.user) + "@EXAMPLE.TEST");
    EXPECT_EQ(user_name(NameDnsDomain), std::string("EXAMPLE.TEST\\") + each.user);
    world_.realm.remove(each.principal);
  }
}

// Such a name would be another's: cut at the NUL, or with the slash that separates alice's two components.
TEST_F(AccountNames, client_whose_name_is_no_accounts_has_none) {
  for (const char* principal : {R"(alice\0x)", R"(alice\/admin)", "caf\xE9"}) {
    world_.realm.add_user(principal, "evepw");
    ServedClient eve(world_.realm, principal, "evepw");
    const ActingFor client(eve.pair.server);
    for (const auto format : {NameSamCompatible, NameUserPrincipal, NameDnsDomain, NameDisplay})
      EXPECT_EQ(user_name(format), std::nullopt) << principal;
    EXPECT_STRNE(SspiGetLastErrorText(), "");
  }
}

TEST_F(AccountNames, caller_with_escapes_in_his_name_has_it_without_them) {
  world_.realm.add_user(R"(OTHER\@eve)", "evepw");
  const Tickets eve(world_.realm, R"(OTHER\@eve)", "evepw");
  EXPECT_EQ(user_name(NameSamCompatible), R"(EXAMPLE\OTHER@eve)");
  EXPECT_EQ(user_name(NameUserPrincipal), "OTHER@eve@EXAMPLE.TEST");
}

TEST_F(AccountNames, of_1000_characters_come_back_whole) {
  // In UTF-16: the last letter takes two.
  for (const auto& [letter, count] :
       {std::pair{"x", 1000}, std::pair{"\xC3\xBC", 1000}, std::pair{"\xF0\x9F\x98\x80", 500}}) {
    std::string user;
    for (int i = 0; i < count; ++i) user += letter;
    world_.realm.add_user(user, "longpw");
    ServedClient client(world_.realm, user, "longpw");
    {
      const ActingFor acting(client.pair.server);
      EXPECT_EQ(user_name(NameUserPrincipal), world_.realm.qualified(user));
      EXPECT_EQ(user_name(NameSamCompatible), "EXAMPLE\\" + user);
    }
    const Tickets tickets(world_.realm, user, "longpw");
    EXPECT_EQ(user_name(NameUserPrincipal), world_.realm.qualified(user));
    EXPECT_EQ(user_name(NameDnsDomain), "EXAMPLE.TEST\\" + user);
    EXPECT_EQ(translated("EXAMPLE\\" + user, NameSamCompatible, NameUserPrincipal), world_.realm.qualified(user));
    world_.realm.remove(user);
  }
}

TEST_F(AccountNames, caller_without_tickets_is_the_account_of_the_process) {
  const Variable no_tickets("KRB5CCNAME", "FILE:" + world_.realm.file("no-such-cache"));
  const passwd* me = ::getpwuid(::geteuid());
  ASSERT_NE(me, nullptr);
  const std::string host = host_name();
  EXPECT_EQ(user_name(NameSamCompatible), capitals(host.substr(0, host.find('.'))) + '\\' + me->pw_name);
  EXPECT_EQ(user_name(NameUserPrincipal), std::nullopt);
  EXPECT_EQ(user_name(NameDnsDomain), std::nullopt);
  const std::string gecos = me->pw_gecos;
  const std::string full = gecos.substr(0, gecos.find(','));
  EXPECT_EQ(user_name(NameDisplay), full.empty() ? std::nullopt : std::optional(full));
}

TEST_F(AccountNames, display_name_is_that_of_the_local_account) {
  const passwd* root = ::getpwuid(0);
  ASSERT_NE(root, nullptr);
  ASSERT_STRNE(root->pw_gecos, "");
  EXPECT_EQ(translated(std::string("EXAMPLE\\") + root->pw_name, NameSamCompatible, NameDisplay), root->pw_gecos);
  EXPECT_EQ(translated("EXAMPLE\\alice", NameSamCompatible, NameDisplay), std::nullopt) << "no account here";
  EXPECT_EQ(translated("root@OTHER.TEST", NameUserPrincipal, NameDisplay), std::nullopt) << "somebody else's root";
}

TEST_F(AccountNames, size_of_the_callers_name_is_without_the_NUL_once_it_is_there) {
  ULONG size = 0;
  EXPECT_EQ(GetUserNameExA(NameUserPrincipal, nullptr, &size), 0);
  EXPECT_EQ(size, 19U);
  std::string text(19, 'x');
  EXPECT_EQ(GetUserNameExA(NameUserPrincipal, text.data(), &size), 1);
  EXPECT_EQ(size, 18U);
  size = 18;
  EXPECT_EQ(GetUserNameExA(NameUserPrincipal, text.data(), &size), 0);
  EXPECT_EQ(size, 19U);
}

TEST_F(AccountNames, computer_is_an_account_of_the_realm) {
  const std::string host = host_name();
  const std::string account = capitals(host.substr(0, host.find('.'))) + '$';
  EXPECT_EQ(computer_name(NameSamCompatible), "EXAMPLE\\" + account);
  EXPECT_EQ(computer_name(NameUserPrincipal), account + "@EXAMPLE.TEST");
  EXPECT_EQ(computer_name(NameDnsDomain), "EXAMPLE.TEST\\" + account);
  EXPECT_EQ(computer_name(NameDisplay), account);
  EXPECT_EQ(computer_name(NameUniqueId), std::nullopt);
}

TEST_F(AccountNames, NULL_is_answered_with_FALSE) {
  ULONG size = 0;
  EXPECT_EQ(GetUserNameExW(NameSamCompatible, nullptr, nullptr), 0);
  EXPECT_EQ(GetComputerObjectNameW(NameSamCompatible, nullptr, nullptr), 0);
  EXPECT_EQ(TranslateNameW(nullptr, NameSamCompatible, NameUserPrincipal, nullptr, &size), 0);
  EXPECT_EQ(TranslateNameA("a", NameSamCompatible, NameUserPrincipal, nullptr, nullptr), 0);
}

}  // namespace
}  // namespace sspid::test
