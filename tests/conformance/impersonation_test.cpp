// Section G, second part: acting as the client. The realm maps its users to accounts that every system has: alice to
// nobody, bob to none, carol and dave to accounts that nobody may become. With NTLM, which maps nothing, the users have
// the names of those accounts, and this host as their domain.
#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calls.h"
#include "client-lib/thread_identity.h"
#include "integration/children.h"

namespace sspid::test {
namespace {

using sspi::thread_identity;
using sspi::ThreadIdentity;

struct User {
  const char* name;
  const char* account;
};
constexpr User kUsers[] = {
    {"alice", "nobody"}, {"bob", "an-account-that-is-not-here"}, {"carol", "daemon"}, {"dave", "root"}};

std::string account_of(const std::string& name) {
  for (const User& user : kUsers)
    if (name == user.name) return user.account;
  throw std::runtime_error("nobody is called " + name);
}

/// This host, as NTLM calls it.
std::string computer() {
  std::string name = host_name();
  name.resize(std::min(name.find('.'), name.size()));
  for (char& c : name) c = static_cast<char>(::toupper(c));
  return name;
}

Realm::Options mapping() {
  Realm::Options options;
  options.ntlm = true;
  options.sections = "[realms]\n    EXAMPLE.TEST = {\n        auth_to_local_names = {\n";
  for (const User& user : kUsers)
    options.sections += std::string("            ") + user.name + " = " + user.account + '\n';
  options.sections += "        }\n    }\n";
  return options;
}

struct MappingWorld {
  MappingWorld() : realm(mapping()) {
    std::ofstream users(realm.users());
    for (const User& user : kUsers) users << computer() << ':' << user.account << ':' << user.name << "pw\n";
    users << "ELSEWHERE:bin:binpw\n";
    users.close();
    realm.enter();
    realm.add_user("carol", "carolpw");
    realm.add_user("dave", "davepw");
    daemon.emplace(realm.environment());
  }

  Realm realm;
  std::optional<DaemonProcess> daemon;
};

/// A package, and what it is told to use.
struct Kind {
  const char* name;
  const char* package;
  bool ntlm;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class Impersonation : public ::testing::TestWithParam<Kind> {
 protected:
  static void SetUpTestSuite() { world_ = std::make_unique<MappingWorld>(); }
  static void TearDownTestSuite() { world_.reset(); }

  void SetUp() override { before_ = thread_identity(); }
  void TearDown() override {
    EXPECT_EQ(thread_identity(), before_);  // no case leaves the thread as somebody else
  }

  static ThreadIdentity account(const char* name) {
    const passwd* entry = ::getpwnam(name);
    if (entry == nullptr) throw std::runtime_error(std::string("this system has no account ") + name);
    return {entry->pw_uid, entry->pw_gid, {entry->pw_gid}};
  }

  /// How the user is called where it logs on, and who says so.
  static std::string authority() { return GetParam().ntlm ? computer() : "EXAMPLE.TEST"; }
  static std::string principal(const std::string& user) {
    return GetParam().ntlm ? authority() + '\\' + account_of(user) : user + '@' + authority();
  }

  /// Somebody who logs on: with tickets, or with a password for NTLM.
  struct Client {
    explicit Client(const std::string& user)
        : identity(account_of(user), computer(), user + "pw"),
          tickets(GetParam().ntlm ? nullptr : std::make_unique<Tickets>(world_->realm, user, user + "pw")),
          outbound(GetParam().package, SECPKG_CRED_OUTBOUND, GetParam().ntlm ? identity.unicode() : nullptr) {}
    /// For a target without a service Negotiate takes NTLM.
    [[nodiscard]] static SspiInitiator::Options wants(ULONG requirements) {
      return asking(requirements, GetParam().ntlm ? "" : kTarget);
    }

    Identity identity;
    std::unique_ptr<Tickets> tickets;
    Credential outbound;
  };

  /// A server's context with a client.
  struct Served {
    explicit Served(const std::string& user, ULONG requirements = kUsualRequirements)
        : client(user),
          inbound(GetParam().package, SECPKG_CRED_INBOUND),
          pair(client.outbound, inbound, Client::wants(requirements)) {
      EXPECT_EQ(pair.server.package(), GetParam().ntlm ? "NTLM" : "Kerberos");
    }
    CtxtHandle* server() { return pair.server.get(); }

    Client client;
    Credential inbound;
    Pair pair;
  };

  static std::unique_ptr<MappingWorld> world_;
  ThreadIdentity before_;
};

std::unique_ptr<MappingWorld> Impersonation::world_;

#define NEEDS_ROOT() \
  if (::geteuid() != 0) GTEST_SKIP() << "only root can act as another user"

/// Takes capabilities from the calling thread alone, for as long as this lives.
class Without {
 public:
  explicit Without(std::initializer_list<unsigned> capabilities) {
    get(before_);
    auto data = before_;
    for (const unsigned capability : capabilities) data[capability / 32].effective &= ~(1U << (capability % 32));
    set(data);
  }
  ~Without() { set(before_); }
  Without(const Without&) = delete;
  Without& operator=(const Without&) = delete;

 private:
  using Data = std::array<__user_cap_data_struct, 2>;
  __user_cap_header_struct header_{_LINUX_CAPABILITY_VERSION_3, 0};
  void get(Data& data) {
    if (::syscall(SYS_capget, &header_, data.data()) != 0) throw std::runtime_error("capget");
  }
  void set(Data& data) {
    if (::syscall(SYS_capset, &header_, data.data()) != 0) throw std::runtime_error("capset");
  }
  Data before_{};
};

/// Runs on a thread of its own, with what that thread has in groups.
void on_thread_with_groups(const std::vector<gid_t>& groups, const std::function<void()>& work) {
  std::thread([&] {
    ASSERT_EQ(::syscall(SYS_setgroups, groups.size(), groups.data()), 0);
    work();
  }).join();
}

bool can_read(const std::string& file) {
  const proto::Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  return static_cast<bool>(opened);
}

uid_t owner_of_new(const std::string& file) {
  const proto::Descriptor opened(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  struct stat status {};
  return opened && ::fstat(opened.get(), &status) == 0 ? status.st_uid : static_cast<uid_t>(-1);
}

HANDLE token_of(CtxtHandle* context) {
  HANDLE token = nullptr;
  must("QuerySecurityContextToken", QuerySecurityContextToken(context, &token));
  return token;
}

/// What a token says. Closes the token.
class Token {
 public:
  explicit Token(CtxtHandle* context) : Token(token_of(context)) {}
  explicit Token(HANDLE token) {
    must("SspiQueryTokenInformation", SspiQueryTokenInformation(token, &information_));
    CloseHandle(token);
  }
  ~Token() { EXPECT_STATUS(FreeContextBuffer(information_), SEC_E_OK); }
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;
  const SspiTokenInformation* operator->() const { return information_; }

 private:
  SspiTokenInformation* information_ = nullptr;
};

// ---- Tokens

TEST_P(Impersonation, token_tells_principal_and_account) {
  Served alice("alice");
  const Token token(alice.server());
  const ThreadIdentity nobody = account("nobody");
  EXPECT_EQ(token->Flags, ULONG{SSPI_TOKEN_HAS_ACCOUNT});
  EXPECT_EQ(token->Principal, principal("alice"));
  EXPECT_EQ(token->Authority, authority());
  EXPECT_STREQ(token->Account, "nobody");
  EXPECT_EQ(token->Uid, nobody.user);
  EXPECT_EQ(token->Gid, nobody.group);
  EXPECT_EQ(std::vector<gid_t>(token->Groups, token->Groups + token->GroupCount), nobody.groups);
}

TEST_P(Impersonation, token_without_account_and_PAC_tells_the_principal_alone) {
  Served bob("bob");
  expect_messages_pass(bob.pair.client, bob.pair.server);
  const Token token(bob.server());
  EXPECT_EQ(token->Flags, 0U);
  EXPECT_EQ(token->Principal, principal("bob"));
  EXPECT_EQ(token->Account, nullptr);
  EXPECT_EQ(token->GroupCount, 0U);
  EXPECT_EQ(token->LogonName, nullptr) << "MIT's KDC says nothing of groups";
  EXPECT_EQ(token->UserSid, nullptr);
  EXPECT_EQ(token->GroupSidCount, 0U);
}

TEST_P(Impersonation, account_that_may_not_be_impersonated_is_told) {
  Served dave("dave");
  const Token token(dave.server());
  EXPECT_STREQ(token->Account, "root");
  EXPECT_EQ(token->Uid, 0U);
}

TEST_P(Impersonation, client_context_has_no_token) {
  Served alice("alice");
  HANDLE token = &token;
  EXPECT_STATUS(QuerySecurityContextToken(alice.pair.client.get(), &token), SEC_E_NO_IMPERSONATION);
  EXPECT_EQ(token, &token);
  EXPECT_STATUS(QuerySecurityContextToken(nullptr, &token), SEC_E_INVALID_HANDLE);
  EXPECT_STATUS(QuerySecurityContextToken(alice.server(), nullptr), SEC_E_INVALID_PARAMETER);
  SecPkgContext_AccessToken attribute{&token};
  EXPECT_STATUS(QueryContextAttributesW(alice.pair.client.get(), SECPKG_ATTR_ACCESS_TOKEN, &attribute),
                SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(attribute.AccessToken, &token);
}

TEST_P(Impersonation, handles_of_tokens_are_looked_up_and_never_followed) {
  Served alice("alice");
  const HANDLE token = token_of(alice.server());
  const HANDLE other = token_of(alice.server());
  EXPECT_NE(token, other);
  alice.pair.server.remove();
  SspiTokenInformation* information = nullptr;
  for (const HANDLE wild : {HANDLE{nullptr}, HANDLE{&information}, HANDLE{static_cast<char*>(token) + 1},
                            HANDLE{reinterpret_cast<void*>(UINTPTR_MAX)}}) {
    EXPECT_STATUS(SspiQueryTokenInformation(wild, &information), SEC_E_INVALID_HANDLE);
    EXPECT_FALSE(CloseHandle(wild));
  }
  EXPECT_EQ(information, nullptr);
  EXPECT_STATUS(SspiQueryTokenInformation(token, nullptr), SEC_E_INVALID_PARAMETER);
  EXPECT_TRUE(CloseHandle(token));
  EXPECT_FALSE(CloseHandle(token));
  EXPECT_STATUS(SspiQueryTokenInformation(token, &information), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(Token(other)->Principal, principal("alice")) << "it outlives its context";
}

TEST_P(Impersonation, access_token_belongs_to_its_context) {
  Served alice("alice");
  SecPkgContext_AccessToken first{}, second{};
  EXPECT_STATUS(QueryContextAttributesExA(alice.server(), SECPKG_ATTR_ACCESS_TOKEN, &first, sizeof first - 1),
                SEC_E_BUFFER_TOO_SMALL);
  ASSERT_STATUS(QueryContextAttributesW(alice.server(), SECPKG_ATTR_ACCESS_TOKEN, &first), SEC_E_OK);
  ASSERT_STATUS(QueryContextAttributesExA(alice.server(), SECPKG_ATTR_ACCESS_TOKEN, &second, sizeof second), SEC_E_OK);
  EXPECT_EQ(first.AccessToken, second.AccessToken);
  EXPECT_FALSE(CloseHandle(first.AccessToken));
  EXPECT_STREQ(Token(HANDLE{first.AccessToken})->Account, "nobody");
  alice.pair.server.remove();
  SspiTokenInformation* information = nullptr;
  EXPECT_STATUS(SspiQueryTokenInformation(first.AccessToken, &information), SEC_E_INVALID_HANDLE);
}

// ---- Who can be impersonated

TEST_P(Impersonation, E_165_client_context_has_nobody_to_impersonate) {
  Served alice("alice");
  EXPECT_STATUS(ImpersonateSecurityContext(alice.pair.client.get()), SEC_E_NO_IMPERSONATION);
  EXPECT_STATUS(SspiImpersonateNetworkOnly(alice.pair.client.get()), SEC_E_NO_IMPERSONATION);
}

TEST_P(Impersonation, E_166_client_without_account_leaves_the_thread_as_it_was) {
  Served bob("bob");
  EXPECT_STATUS(ImpersonateSecurityContext(bob.server()), SEC_E_NO_IMPERSONATION);
  EXPECT_EQ(thread_identity(), before_);
}

TEST_P(Impersonation, E_166_no_system_account_and_never_root) {
  Served carol("carol");
  Served dave("dave");
  EXPECT_STATUS(ImpersonateSecurityContext(carol.server()), SEC_E_NO_IMPERSONATION);
  for (const char* lowest : {"0", "-1", "", "all"}) {
    const Variable none("SSPI_MIN_IMPERSONATION_UID", lowest);
    EXPECT_STATUS(ImpersonateSecurityContext(carol.server()), SEC_E_NO_IMPERSONATION);
  }
  const Variable lower("SSPI_MIN_IMPERSONATION_UID", "1");
  EXPECT_STATUS(ImpersonateSecurityContext(dave.server()), SEC_E_NO_IMPERSONATION);
  EXPECT_EQ(thread_identity(), before_);
}

TEST_P(Impersonation, E_169_client_that_is_to_be_identified_only_has_a_token_and_is_not_impersonated) {
  Served alice("alice", kUsualRequirements | ISC_REQ_IDENTIFY);
  EXPECT_EQ(Token(alice.server())->Flags, ULONG{SSPI_TOKEN_HAS_ACCOUNT | SSPI_TOKEN_IDENTIFY_ONLY});
  EXPECT_STATUS(ImpersonateSecurityContext(alice.server()), SEC_E_NO_IMPERSONATION);
  EXPECT_STATUS(SspiImpersonateNetworkOnly(alice.server()), SEC_E_NO_IMPERSONATION);
  EXPECT_EQ(thread_identity(), before_);
}

TEST_P(Impersonation, unfinished_context_is_no_context_yet) {
  Client alice("alice");
  Credential service(GetParam().package, SECPKG_CRED_INBOUND);
  SspiInitiator client(alice.outbound, Client::wants(kUsualRequirements | ISC_REQ_USE_DCE_STYLE));
  SspiAcceptor server(service);
  (void)server.step(client.step({}).token);
  ASSERT_STATUS(server.status(), SEC_I_CONTINUE_NEEDED);
  EXPECT_STATUS(ImpersonateSecurityContext(server.get()), SEC_E_INVALID_HANDLE);
}

// ---- As the client

TEST_P(Impersonation, E_167_only_the_thread_that_impersonates_is_the_client) {
  NEEDS_ROOT();
  const Directory directory;
  ASSERT_EQ(::chmod(directory.path().c_str(), 01777), 0);
  const std::string secret = directory.file("secret");
  ASSERT_EQ(owner_of_new(secret), 0U);
  Served alice("alice");

  // Not a thread that is made meanwhile: it would inherit the ids.
  std::promise<void> impersonating;
  bool other_reads = false;
  uid_t owner_of_other = 1;
  std::thread other([&, ready = impersonating.get_future()]() mutable {
    ready.wait();
    other_reads = can_read(secret);
    owner_of_other = owner_of_new(directory.file("of-the-other-thread"));
  });
  const SECURITY_STATUS status = ImpersonateSecurityContext(alice.server());
  impersonating.set_value();
  other.join();
  ASSERT_STATUS(status, SEC_E_OK);
  EXPECT_TRUE(other_reads);
  EXPECT_EQ(owner_of_other, 0U);

  EXPECT_EQ(thread_identity(), account("nobody"));
  EXPECT_FALSE(can_read(secret));
  EXPECT_EQ(owner_of_new(directory.file("of-alice")), account("nobody").user);
  EXPECT_STATUS(RevertSecurityContext(alice.server()), SEC_E_OK);
  EXPECT_TRUE(can_read(secret));
}

TEST_P(Impersonation, E_168_revert_of_nothing_does_nothing) {
  Served alice("alice");
  EXPECT_STATUS(RevertSecurityContext(alice.server()), SEC_E_OK);
  EXPECT_STATUS(RevertSecurityContext(alice.pair.client.get()), SEC_E_OK);
  EXPECT_STATUS(RevertSecurityContext(nullptr), SEC_E_INVALID_HANDLE);
  CtxtHandle gone = *alice.server();
  alice.pair.server.remove();
  EXPECT_STATUS(RevertSecurityContext(&gone), SEC_E_INVALID_HANDLE);
}

/// Runs on a thread with a view of the file system of its own, in which /etc/group has these lines, too. What is
/// mounted there goes with the thread.
void on_thread_with_more_groups(const std::string& lines, const std::function<void()>& work) {
  const Directory directory;
  std::ofstream(directory.file("group")) << read_text("/etc/group") << lines;
  std::thread([&] {
    ASSERT_EQ(::unshare(CLONE_FS | CLONE_NEWNS), 0);
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    ASSERT_EQ(::mount(directory.file("group").c_str(), "/etc/group", nullptr, MS_BIND, nullptr), 0);
    work();
  }).join();
}

/// Sorted, each once.
std::vector<gid_t> groups_of_account(const char* name, gid_t primary) {
  std::array<gid_t, 64> groups{};
  int count = static_cast<int>(groups.size());
  if (::getgrouplist(name, primary, groups.data(), &count) < 0) throw std::runtime_error("getgrouplist");
  const std::set<gid_t> each(groups.begin(), groups.begin() + count);
  return {each.begin(), each.end()};
}

TEST_P(Impersonation, supplementary_groups_are_those_of_the_account) {
  NEEDS_ROOT();
  on_thread_with_more_groups("sspid-one:x:70001:nobody\nsspid-two:x:70002:bin,nobody\nsspid-other:x:70003:bin\n", [] {
    Served alice("alice");
    ThreadIdentity nobody = account("nobody");
    nobody.groups = groups_of_account("nobody", nobody.group);
    ASSERT_EQ(nobody.groups, (std::vector<gid_t>{nobody.group, 70001, 70002}));
    const Token token(alice.server());
    EXPECT_EQ(token->Gid, nobody.group);
    EXPECT_EQ(std::vector<gid_t>(token->Groups, token->Groups + token->GroupCount), nobody.groups);
    const ThreadIdentity before = thread_identity();
    ASSERT_STATUS(ImpersonateSecurityContext(alice.server()), SEC_E_OK);
    EXPECT_EQ(thread_identity(), nobody);
    EXPECT_STATUS(RevertSecurityContext(alice.server()), SEC_E_OK);
    EXPECT_EQ(thread_identity(), before);
  });
}

TEST_P(Impersonation, revert_restores_user_and_groups_exactly) {
  NEEDS_ROOT();
  Served alice("alice");
  on_thread_with_groups({3, 1, 70000}, [&] {
    const ThreadIdentity before = thread_identity();
    ASSERT_EQ(before.groups.size(), 3U);
    ASSERT_STATUS(ImpersonateSecurityContext(alice.server()), SEC_E_OK);
    EXPECT_EQ(thread_identity(), account("nobody"));
    EXPECT_STATUS(RevertSecurityContext(alice.server()), SEC_E_OK);
    EXPECT_EQ(thread_identity(), before);
  });
}

TEST_P(Impersonation, second_client_replaces_the_first_and_revert_goes_back_to_the_start) {
  NEEDS_ROOT();
  const Variable lower("SSPI_MIN_IMPERSONATION_UID", "1");
  Served alice("alice");
  Served bob("bob");
  Served carol("carol");
  ASSERT_STATUS(ImpersonateSecurityContext(alice.server()), SEC_E_OK);
  ASSERT_STATUS(ImpersonateSecurityContext(carol.server()), SEC_E_OK);
  EXPECT_EQ(thread_identity(), account("daemon"));
  EXPECT_STATUS(ImpersonateSecurityContext(bob.server()), SEC_E_NO_IMPERSONATION);
  EXPECT_EQ(thread_identity(), account("daemon")) << "what fails leaves the thread as it was";
  ASSERT_STATUS(SspiImpersonateNetworkOnly(alice.server()), SEC_E_OK);
  EXPECT_EQ(thread_identity(), before_) << "credentials alone need no ids";
  ASSERT_STATUS(ImpersonateSecurityContext(alice.server()), SEC_E_OK);
  EXPECT_EQ(thread_identity(), account("nobody"));
  EXPECT_STATUS(RevertSecurityContext(carol.server()), SEC_E_OK);
  EXPECT_EQ(thread_identity(), before_);
}

// ---- Privileges

TEST_P(Impersonation, program_without_the_privilege_stays_as_it_is) {
  NEEDS_ROOT();
  Served alice("alice");
  for (const auto& missing : {std::vector<unsigned>{CAP_SETUID}, {CAP_SETGID}, {CAP_SETUID, CAP_SETGID}}) {
    on_thread_with_groups({3, 1, 70000}, [&] {
      const ThreadIdentity before = thread_identity();
      const Without capabilities{missing.front(), missing.back()};
      EXPECT_STATUS(ImpersonateSecurityContext(alice.server()), SEC_E_NO_IMPERSONATION);
      EXPECT_EQ(thread_identity(), before) << "groups that could be changed are changed back";
      EXPECT_STATUS(SspiImpersonateNetworkOnly(alice.server()), SEC_E_OK);
      EXPECT_EQ(thread_identity(), before);
      EXPECT_STATUS(RevertSecurityContext(alice.server()), SEC_E_OK);
    });
  }
}

TEST_P(Impersonation, revert_without_the_privilege_fails_and_can_be_tried_again) {
  NEEDS_ROOT();
  Served alice("alice");
  on_thread_with_groups({3, 1}, [&] {
    const ThreadIdentity before = thread_identity();
    ASSERT_STATUS(ImpersonateSecurityContext(alice.server()), SEC_E_OK);
    {
      const Without gid{CAP_SETGID};  // its own uid is open to it, the groups are not
      EXPECT_STATUS(RevertSecurityContext(alice.server()), SEC_E_NO_IMPERSONATION);
      EXPECT_EQ(thread_identity(), account("nobody"));
    }
    EXPECT_STATUS(RevertSecurityContext(alice.server()), SEC_E_OK);
    EXPECT_EQ(thread_identity(), before);
  });
}

TEST_P(Impersonation, who_the_program_is_already_needs_no_privilege) {
  NEEDS_ROOT();
  Served alice("alice");
  std::thread([&] {
    const ThreadIdentity nobody = account("nobody");
    ASSERT_EQ(sspi::switch_thread(nobody), sspi::Switched::yes);
    const Without privileges{CAP_SETUID, CAP_SETGID};
    EXPECT_STATUS(ImpersonateSecurityContext(alice.server()), SEC_E_OK);
    EXPECT_EQ(thread_identity(), nobody);
    EXPECT_STATUS(RevertSecurityContext(alice.server()), SEC_E_OK);
    EXPECT_EQ(thread_identity(), nobody);
  }).join();
}

// ---- Contexts and connections meanwhile

/// How many sessions, credentials and contexts there are.
std::string daemon_state(const DaemonProcess& daemon) {
  return run_or_throw({built_program("sspictl"), "--socket", daemon.socket(), "ping"});
}

TEST_P(Impersonation, context_may_be_deleted_while_its_client_is_impersonated) {
  Served alice("alice");
  const std::string before = daemon_state(*world_->daemon);
  std::thread([&] {
    ASSERT_STATUS(SspiImpersonateNetworkOnly(alice.server()), SEC_E_OK);
    CtxtHandle copy = *alice.server();
    alice.pair.server.remove();
    EXPECT_STATUS(ImpersonateSecurityContext(&copy), SEC_E_INVALID_HANDLE);
    EXPECT_EQ(daemon_state(*world_->daemon), before) << "the client's credentials are still in use";
    EXPECT_STATUS(RevertSecurityContext(&copy), SEC_E_OK);
    EXPECT_STATUS(RevertSecurityContext(&copy), SEC_E_INVALID_HANDLE) << "that was all";
  }).join();
  await("the end of the context", [&] { return daemon_state(*world_->daemon) != before; });
}

TEST_P(Impersonation, end_of_a_thread_reverts) {
  Served alice("alice");
  const std::string before = daemon_state(*world_->daemon);
  std::thread([&] {
    ASSERT_STATUS(SspiImpersonateNetworkOnly(alice.server()), SEC_E_OK);
    alice.pair.server.remove();
  }).join();
  await("the end of the context", [&] { return daemon_state(*world_->daemon) != before; });
}

TEST_P(Impersonation, daemon_is_reached_where_the_client_could_not) {
  NEEDS_ROOT();
  Served alice("alice");
  const std::filesystem::path directory = std::filesystem::path(world_->daemon->socket()).parent_path();
  struct stat usual {};
  ASSERT_EQ(::stat(directory.c_str(), &usual), 0);
  ASSERT_EQ(::chmod(directory.c_str(), 0700), 0);
  ASSERT_STATUS(ImpersonateSecurityContext(alice.server()), SEC_E_OK);
  EXPECT_FALSE(can_read(directory));
  // A child has no connection yet.
  const ThreadIdentity client = thread_identity();
  const int ended = wait_for_child(fork_child([&] {
    if (alice.pair.server.sizes().cbMaxToken == 0) throw std::runtime_error("no sizes");
    if (thread_identity() != client) throw std::runtime_error("the child is no longer the client");
    must("RevertSecurityContext", RevertSecurityContext(alice.server()));
    if (thread_identity() != before_) throw std::runtime_error("the child is not itself again");
  }));
  EXPECT_EQ(ended, 0);
  EXPECT_STATUS(RevertSecurityContext(alice.server()), SEC_E_OK);
  ASSERT_EQ(::chmod(directory.c_str(), usual.st_mode & 07777), 0);
}

// An account of a domain is not the account of the same name here, unless this system says so (nsswitch.conf).
TEST_P(Impersonation, E_166_user_of_another_domain_has_no_account_here) {
  if (!GetParam().ntlm) return;
  Identity identity("bin", "ELSEWHERE", "binpw");
  Credential outbound(GetParam().package, SECPKG_CRED_OUTBOUND, identity.unicode());
  Credential inbound(GetParam().package, SECPKG_CRED_INBOUND);
  Pair pair(outbound, inbound, Client::wants(kUsualRequirements));
  const Token token(pair.server.get());
  EXPECT_STREQ(token->Principal, "ELSEWHERE\\bin");
  EXPECT_STREQ(token->Authority, "ELSEWHERE");
  EXPECT_EQ(token->Flags, 0U);
  EXPECT_EQ(token->Account, nullptr);
  EXPECT_STATUS(ImpersonateSecurityContext(pair.server.get()), SEC_E_NO_IMPERSONATION);
}

// The users file has it under a domain, and whoever logs on without naming one is found there.
TEST_P(Impersonation, E_166_user_of_no_domain_has_no_account_here) {
  if (!GetParam().ntlm) return;
  Identity identity("bin", "", "binpw");
  Credential outbound(GetParam().package, SECPKG_CRED_OUTBOUND, identity.unicode());
  Credential inbound(GetParam().package, SECPKG_CRED_INBOUND);
  SspiInitiator client(outbound, Client::wants(kUsualRequirements));
  SspiAcceptor server(inbound);
  if (!shake_hands(client, server).complete()) return;  // nor is it let in
  EXPECT_EQ(Token(server.get())->Account, nullptr);
  EXPECT_STATUS(ImpersonateSecurityContext(server.get()), SEC_E_NO_IMPERSONATION);
}

// Who says to be of this host must be of this host in the users file.
TEST_P(Impersonation, E_166_claim_of_another_domain_is_not_believed) {
  if (!GetParam().ntlm) return;
  Identity identity("bin", computer(), "binpw");
  Credential outbound(GetParam().package, SECPKG_CRED_OUTBOUND, identity.unicode());
  Credential inbound(GetParam().package, SECPKG_CRED_INBOUND);
  SspiInitiator client(outbound, Client::wants(kUsualRequirements));
  SspiAcceptor server(inbound);
  shake_hands(client, server);
  EXPECT_STATUS(server.status(), SEC_E_LOGON_DENIED);
}

// Somebody that NTLM knows has handed nothing over.
TEST_P(Impersonation, client_of_NTLM_has_no_credentials_here) {
  if (!GetParam().ntlm) return;
  Served alice("alice");
  ASSERT_STATUS(SspiImpersonateNetworkOnly(alice.server()), SEC_E_OK);
  for (const char* package : {"Kerberos", "Negotiate", "NTLM"}) {
    const Acquired nothing({.package = package, .use = SECPKG_CRED_OUTBOUND});
    EXPECT_STATUS(nothing.status, SEC_E_NO_CREDENTIALS) << package;
  }
  EXPECT_STATUS(RevertSecurityContext(alice.server()), SEC_E_OK);
}

INSTANTIATE_TEST_SUITE_P(Package, Impersonation,
                         ::testing::Values(Kind{"Kerberos", "Kerberos", false}, Kind{"Negotiate", "Negotiate", false},
                                           Kind{"NTLM", "NTLM", true}, Kind{"Negotiate_NTLM", "Negotiate", true}),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace sspid::test
