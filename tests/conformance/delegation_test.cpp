// Going on in somebody else's name: with tickets that a client forwarded, and by S4U2Self and S4U2Proxy, for which the
// KDC must know who may act towards whom.
#include <ctime>
#include <exception>
#include <future>
#include <initializer_list>
#include <memory>
#include <optional>
#include <ostream>

#include <sys/fsuid.h>
#include <unistd.h>

#include "calls.h"
#include "support/gss_peer.h"
#include "support/ldap_realm.h"

namespace sspid::test {
namespace {

constexpr const char* kFront = "HTTP/localhost";   // whom users come to
constexpr const char* kMiddle = "ldap/localhost";  // whom the front turns to
constexpr const char* kBack = "postgres/localhost";
constexpr const char* kElsewhere = "imap/localhost";  // to whom nobody may delegate

/// Who comes to the services has an account that the thread can become.
constexpr const char* kAccounts =
    "[realms]\n    EXAMPLE.TEST = {\n        auth_to_local_names = {\n            alice = nobody\n"
    "            bob = nobody\n            careful = nobody\n        }\n    }\n";

struct DelegationWorld {
  DelegationWorld() : daemon(ldap.realm.environment()) {
    ldap.realm.enter();
    ldap.realm.trust_for_delegation(kFront);
    ldap.realm.trust_for_delegation(kMiddle);
    ldap.realm.modify(kFront, "+ok_to_auth_as_delegate");
    ldap.allow_delegation(kFront, {kMiddle, kBack});
    ldap.allow_delegation(kElsewhere, {kBack});  // for clients that come to it; not for users who never do
  }

  LdapRealm ldap{kAccounts};
  DaemonProcess daemon;
};

std::unique_ptr<DelegationWorld> the_world;

class EndOfDelegationWorld : public ::testing::Environment {
 public:
  void TearDown() override { the_world.reset(); }
};
[[maybe_unused]] const auto* const end_of_world = ::testing::AddGlobalTestEnvironment(new EndOfDelegationWorld);

DelegationWorld& delegation_world() {
  // What failed once would fail for every case, each after its own long wait.
  static std::exception_ptr failure;
  if (failure) std::rethrow_exception(failure);
  try {
    if (!the_world) the_world = std::make_unique<DelegationWorld>();
  } catch (...) {
    failure = std::current_exception();
    throw;
  }
  return *the_world;
}

/// How a thread takes its client's place: with the client's credentials, and with its local account, too, or without.
enum class Way { network_only, whole };

/// The calling thread acts for the client of a context as long as this lives.
class Impersonation {
 public:
  Impersonation(SspiContext& server, Way way) : server_(server) {
    if (way == Way::whole)
      must("ImpersonateSecurityContext", ImpersonateSecurityContext(server_.get()));
    else
      must("SspiImpersonateNetworkOnly", SspiImpersonateNetworkOnly(server_.get()));
  }
  ~Impersonation() { EXPECT_STATUS(RevertSecurityContext(server_.get()), SEC_E_OK); }
  Impersonation(const Impersonation&) = delete;
  Impersonation& operator=(const Impersonation&) = delete;

 private:
  SspiContext& server_;
};

struct ForUserArguments {
  const char* user = "alice";
  const char* package = "Kerberos";
  CredHandle* service = nullptr;
  const char* principal = kFront;
};

/// Whatever the call gave, to be freed; an expectation tells what it ought to be.
struct ForUser {
  explicit ForUser(const ForUserArguments& arguments) {
    CredHandle handle{1, 2};
    status =
        SspiAcquireCredentialsForUserA(const_cast<char*>(arguments.user), const_cast<char*>(arguments.package),
                                       arguments.service, const_cast<char*>(arguments.principal), &handle, nullptr);
    if (status == SEC_E_OK)
      credential.emplace(handle);
    else
      EXPECT_TRUE(is_invalidated(handle));
  }

  SECURITY_STATUS status = SEC_E_OK;
  std::optional<Credential> credential;
};

/// Of an exchange with GSS-API's own acceptor.
struct Reached {
  SECURITY_STATUS status = SEC_E_OK;  ///< of the client's last leg
  std::string client;                 ///< whom the acceptor sees; empty where there is no context
};

/// The other end, in the same thread: it meets its keytab and its replay cache as the process.
struct AcceptorOfTheProcess {
  Leg step(const Bytes& token) {
    const int client = ::setfsuid(::geteuid());
    Leg leg = server.step(token);
    ::setfsuid(static_cast<uid_t>(client));
    return leg;
  }
  GssAcceptor server{};
};

Reached reach(Credential& credential, const std::string& target) {
  SspiInitiator client(credential, target);
  AcceptorOfTheProcess server;
  const Handshake result = shake_hands(client, server);
  return {client.status(), result.complete() ? server.server.initiator_name() : std::string()};
}

/// A package, and how threads take their clients' places.
struct Kind {
  const char* package;
  Way way = Way::network_only;
};
void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.package << (kind.way == Way::whole ? "_with_the_account" : "");
}

class Delegation : public ::testing::TestWithParam<Kind> {
 protected:
  static constexpr ULONG kDelegate = kUsualRequirements | ISC_REQ_DELEGATE;

  Delegation() : world_(delegation_world()), realm_(world_.ldap.realm) {}

  void SetUp() override {
    if (GetParam().way == Way::whole && ::geteuid() != 0) GTEST_SKIP() << "only root can act as another user";
  }

  static const char* package() { return GetParam().package; }
  [[nodiscard]] static Impersonation acting_for_client_of(Pair& pair) { return {pair.server, GetParam().way}; }

  [[nodiscard]] Credential outbound() const { return Credential(package(), SECPKG_CRED_OUTBOUND); }
  [[nodiscard]] SECURITY_STATUS try_outbound() const {
    return Acquired({.package = package(), .use = SECPKG_CRED_OUTBOUND}).status;
  }
  [[nodiscard]] ForUser for_user(ForUserArguments arguments) const {
    arguments.package = package();
    return ForUser(arguments);
  }

  /// A context of the thread's own user with one of the services here.
  Pair with(const char* service, ULONG requirements, ULONG accepting = ASC_REQ_DELEGATE) {
    Credential user = outbound();
    return Pair(user, service_, asking(requirements, service), {.requirements = accepting, .bindings = {}});
  }

  void expect_reaches(Credential& credential, const std::string& target, const std::string& user) const {
    const Reached result = reach(credential, target);
    EXPECT_STATUS(result.status, SEC_E_OK);
    EXPECT_EQ(result.client, realm_.qualified(user));
  }

  DelegationWorld& world_;
  Realm& realm_;
  Credential service_{package(), SECPKG_CRED_INBOUND};
};

const auto kKinds =
    ::testing::Values(Kind{"Kerberos"}, Kind{"Negotiate"}, Kind{"Kerberos", Way::whole}, Kind{"Negotiate", Way::whole});

// ---- Forwarded tickets. The process' own tickets are bob's, the client's are alice's.

class ForwardedTickets : public Delegation {
 protected:
  /// alice's context with a service that stands for bob.
  Pair alice_with(const char* service, ULONG requirements) {
    const Tickets alice(realm_, "alice", "alicepw");
    return with(service, requirements);
  }

  Tickets own_{realm_, "bob", "bobpw"};
};

TEST_P(ForwardedTickets, E_078_go_over_three_hops) {
  Pair user_and_front = alice_with(kFront, kDelegate);
  ASSERT_NE(user_and_front.server.attributes() & ASC_RET_DELEGATE, 0U);

  std::optional<Pair> front_and_middle;
  {
    const Impersonation alice = acting_for_client_of(user_and_front);
    front_and_middle.emplace(with(kMiddle, kDelegate));
  }
  ASSERT_NE(front_and_middle->server.attributes() & ASC_RET_DELEGATE, 0U);
  EXPECT_EQ(front_and_middle->server.client_name(), realm_.qualified("alice"));

  const Impersonation alice = acting_for_client_of(*front_and_middle);
  Pair middle_and_back = with(kBack, kDelegate);
  EXPECT_EQ(middle_and_back.server.client_name(), realm_.qualified("alice"));
  EXPECT_EQ(middle_and_back.server.attributes() & ASC_RET_DELEGATE, 0U);  // nobody trusts the last one
  expect_messages_pass(middle_and_back.client, middle_and_back.server);
}

TEST_P(ForwardedTickets, E_078_reach_a_service_that_is_not_ours) {
  Pair pair = alice_with(kFront, kDelegate);
  const Impersonation alice = acting_for_client_of(pair);
  Credential credential = outbound();
  expect_reaches(credential, kElsewhere, "alice");
}

TEST_P(ForwardedTickets, E_078_are_the_threads_credentials_until_it_reverts) {
  Pair pair = alice_with(kFront, kDelegate);
  EXPECT_EQ(outbound().name(), realm_.qualified("bob"));
  // Not a thread that is made meanwhile: it would inherit the account.
  std::promise<void> acting;
  auto elsewhere = std::async(std::launch::async, [&, ready = acting.get_future()]() mutable {
    ready.wait();
    return outbound().name();
  });
  {
    const Impersonation alice = acting_for_client_of(pair);
    acting.set_value();
    EXPECT_EQ(outbound().name(), realm_.qualified("alice"));
    EXPECT_EQ(elsewhere.get(), realm_.qualified("bob"));
  }
  EXPECT_EQ(outbound().name(), realm_.qualified("bob"));
}

TEST_P(ForwardedTickets, E_078_outlive_the_impersonation_and_the_context) {
  Pair pair = alice_with(kFront, kDelegate);
  std::optional<Credential> credential;
  {
    const Impersonation alice = acting_for_client_of(pair);
    credential.emplace(outbound());
  }
  pair.server.remove();
  expect_reaches(*credential, kMiddle, "alice");
}

TEST_P(ForwardedTickets, are_never_replaced_by_the_process_own) {
  Credential own = outbound();
  Pair pair(own, service_);
  const Impersonation bob = acting_for_client_of(pair);
  EXPECT_STATUS(try_outbound(), SEC_E_NO_CREDENTIALS);
  // The keys are the service's, whomever the thread acts for.
  Credential both(package(), SECPKG_CRED_BOTH);
  SspiInitiator client(both, kTarget);
  EXPECT_EQ(client.step({}).state, Leg::State::failed);
  EXPECT_STATUS(client.status(), SEC_E_NO_CREDENTIALS);
}

TEST_P(ForwardedTickets, do_not_touch_credentials_with_a_password) {
  Pair pair = alice_with(kFront, kDelegate);
  const Impersonation alice = acting_for_client_of(pair);
  Identity identity("bob", realm_.name(), "bobpw");
  Credential bob(package(), SECPKG_CRED_OUTBOUND, identity.unicode());
  expect_reaches(bob, kMiddle, "bob");
}

INSTANTIATE_TEST_SUITE_P(Package, ForwardedTickets, kKinds, ::testing::PrintToStringParamName());

// ---- S4U2Proxy: the client forwards nothing, the service shows its ticket.

class ActingForAClient : public Delegation {
 protected:
  Tickets alice_{realm_, "alice", "alicepw"};
};

TEST_P(ActingForAClient, reaches_the_services_that_the_KDC_allows) {
  Pair pair = with(kFront, kUsualRequirements);
  EXPECT_EQ(pair.server.attributes() & ASC_RET_DELEGATE, 0U) << "the client handed nothing over";
  const Impersonation alice = acting_for_client_of(pair);
  Credential credential = outbound();
  EXPECT_EQ(credential.name(), realm_.qualified("alice"));
  expect_reaches(credential, kBack, "alice");
  expect_reaches(credential, kMiddle, "alice");
}

TEST_P(ActingForAClient, reaches_no_other_service) {
  Pair pair = with(kFront, kUsualRequirements);
  const Impersonation alice = acting_for_client_of(pair);
  Credential credential = outbound();
  EXPECT_STATUS(reach(credential, kElsewhere).status, SEC_E_DELEGATION_REQUIRED);
}

TEST_P(ActingForAClient, is_not_for_services_that_may_not_delegate) {
  Pair pair = with(kTarget, kUsualRequirements);
  const Impersonation alice = acting_for_client_of(pair);
  Credential credential = outbound();
  EXPECT_STATUS(reach(credential, kBack).status, SEC_E_DELEGATION_REQUIRED);
}

TEST_P(ActingForAClient, goes_on_from_service_to_service) {
  Pair user_and_front = with(kFront, kUsualRequirements);
  world_.ldap.allow_delegation(kMiddle, {kBack});
  std::optional<Pair> front_and_middle;
  {
    const Impersonation alice = acting_for_client_of(user_and_front);
    front_and_middle.emplace(with(kMiddle, kUsualRequirements));
  }
  const Impersonation alice = acting_for_client_of(*front_and_middle);
  Credential credential = outbound();
  expect_reaches(credential, kBack, "alice");
}

TEST_P(ActingForAClient, needs_to_be_meant) {
  Pair pair = with(kFront, kUsualRequirements, 0);
  const Impersonation alice = acting_for_client_of(pair);
  EXPECT_STATUS(try_outbound(), SEC_E_NO_CREDENTIALS);
}

TEST_P(ActingForAClient, is_meant_by_a_credential_for_both_directions) {
  Credential user = outbound();
  Credential both(package(), SECPKG_CRED_BOTH);
  Pair pair(user, both, asking(kUsualRequirements, kFront));
  const Impersonation alice = acting_for_client_of(pair);
  Credential credential = outbound();
  expect_reaches(credential, kBack, "alice");
}

TEST_P(ActingForAClient, is_not_for_clients_who_may_not_be_delegated) {
  realm_.add_user("careful", "carefulpw", "-allow_forwardable");
  const Tickets careful(realm_, "careful", "carefulpw");
  Pair pair = with(kFront, kUsualRequirements);
  {
    const Impersonation client = acting_for_client_of(pair);
    EXPECT_STATUS(try_outbound(), SEC_E_NO_CREDENTIALS);
  }
  realm_.remove("careful");
}

INSTANTIATE_TEST_SUITE_P(Package, ActingForAClient, kKinds, ::testing::PrintToStringParamName());

// ---- S4U2Self: the service alone says who the user is.

class ActingForAUser : public Delegation {};

TEST_P(ActingForAUser, reaches_the_services_that_the_KDC_allows) {
  ForUser alice = for_user({});
  ASSERT_STATUS(alice.status, SEC_E_OK);
  EXPECT_EQ(alice.credential->name(), realm_.qualified("alice"));
  expect_reaches(*alice.credential, kBack, "alice");
  EXPECT_STATUS(reach(*alice.credential, kElsewhere).status, SEC_E_DELEGATION_REQUIRED);
}

TEST_P(ActingForAUser, reaches_the_service_itself) {
  ForUser alice = for_user({});
  ASSERT_STATUS(alice.status, SEC_E_OK);
  expect_reaches(*alice.credential, kFront, "alice");
}

TEST_P(ActingForAUser, takes_the_word_of_whoever_has_the_services_keys) {
  Credential keys(package(), SECPKG_CRED_INBOUND, nullptr, kFront);
  ForUser by_keys = for_user({.service = keys.get(), .principal = nullptr});
  ASSERT_STATUS(by_keys.status, SEC_E_OK);
  expect_reaches(*by_keys.credential, kBack, "alice");
}

TEST_P(ActingForAUser, takes_the_word_of_whoever_has_the_services_tickets) {
  const Directory directory;
  realm_.kinit_keytab(kFront, realm_.keytab(), directory.file("cc"));
  const Variable cache("KRB5CCNAME", "FILE:" + directory.file("cc"));
  Credential tickets = outbound();
  ForUser by_tickets = for_user({.service = tickets.get(), .principal = nullptr});
  ASSERT_STATUS(by_tickets.status, SEC_E_OK);
  expect_reaches(*by_tickets.credential, kBack, "alice");
}

TEST_P(ActingForAUser, goes_no_further_than_the_service_that_the_KDC_does_not_trust_for_it) {
  ForUser alice = for_user({.principal = kElsewhere});
  ASSERT_STATUS(alice.status, SEC_E_OK);
  expect_reaches(*alice.credential, kElsewhere, "alice");
  EXPECT_STATUS(reach(*alice.credential, kBack).status, SEC_E_DELEGATION_REQUIRED);
}

TEST_P(ActingForAUser, is_refused_for_users_who_could_not_log_on) {
  EXPECT_STATUS(for_user({.user = "nobody-of-this-name"}).status, SEC_E_LOGON_DENIED);
  realm_.add_user("retired", "retiredpw", "-allow_tix");
  EXPECT_STATUS(for_user({.user = "retired"}).status, SEC_E_LOGON_DENIED);
  realm_.remove("retired");
}

TEST_P(ActingForAUser, needs_a_service) {
  EXPECT_STATUS(for_user({.principal = "HTTP/not-in-the-keytab"}).status, SEC_E_NO_CREDENTIALS);
  CredHandle nothing{7, 7};
  EXPECT_STATUS(for_user({.service = &nothing}).status, SEC_E_INVALID_HANDLE);
  EXPECT_STATUS(for_user({.user = nullptr}).status, SEC_E_INVALID_PARAMETER);
}

TEST_P(ActingForAUser, takes_wide_names) {
  std::u16string user = u"bob", package = u"Kerberos", service = u"HTTP/localhost";
  CredHandle handle{};
  TimeStamp expiry{};
  ASSERT_STATUS(SspiAcquireCredentialsForUserW(user.data(), package.data(), nullptr, service.data(), &handle, &expiry),
                SEC_E_OK);
  Credential bob(handle);
  EXPECT_GT(unix_time(expiry), std::time(nullptr));
  expect_reaches(bob, kBack, "bob");
}

// This service may act for any user: what AcquireCredentialsHandle does with a name alone must not be that.
TEST_P(ActingForAUser, E_190_is_never_what_a_missing_password_means) {
  ASSERT_STATUS(for_user({}).status, SEC_E_OK);
  const Tickets own(realm_, "bob", "bobpw");
  Identity alice("alice", realm_.name(), "");
  SEC_WINNT_AUTH_IDENTITY_A null_ansi = *alice.ansi();
  SEC_WINNT_AUTH_IDENTITY_W null_unicode = *alice.unicode();
  SEC_WINNT_AUTH_IDENTITY_EXA null_ansi_ex = *alice.ansi_ex();
  SEC_WINNT_AUTH_IDENTITY_EXW null_unicode_ex = *alice.unicode_ex();
  null_ansi.Password = nullptr;
  null_unicode.Password = nullptr;
  null_ansi_ex.Password = nullptr;
  null_unicode_ex.Password = nullptr;
  const std::string before = realm_.kdc_log();
  for (void* form : std::initializer_list<void*>{alice.ansi(), alice.unicode(), alice.ansi_ex(), alice.unicode_ex(),
                                                 &null_ansi, &null_unicode, &null_ansi_ex, &null_unicode_ex})
    for (const ULONG use : {SECPKG_CRED_OUTBOUND, SECPKG_CRED_BOTH}) {
      Credential credential(package(), use, form);
      for (const char* target : {kFront, kBack}) EXPECT_STATUS(reach(credential, target).status, SEC_E_LOGON_DENIED);
    }
  EXPECT_EQ(realm_.kdc_log(), before) << "nobody was to be asked";
}

TEST_P(ActingForAUser, E_190_holds_while_the_thread_acts_for_a_client) {
  const Tickets own(realm_, "alice", "alicepw");
  Pair pair = with(kFront, kDelegate);
  const Impersonation client = acting_for_client_of(pair);
  Identity alice("alice", realm_.name(), "");
  Credential credential(package(), SECPKG_CRED_OUTBOUND, alice.unicode());
  EXPECT_STATUS(reach(credential, kBack).status, SEC_E_LOGON_DENIED);
}

INSTANTIATE_TEST_SUITE_P(Package, ActingForAUser, ::testing::Values(Kind{"Kerberos"}, Kind{"Negotiate"}),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace sspid::test
