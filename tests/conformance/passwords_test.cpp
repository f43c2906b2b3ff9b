// Section G, passwords: ChangeAccountPassword against a real kadmind, and against a service that answers as a domain
// controller does.
#include <array>
#include <fstream>
#include <memory>
#include <regex>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "proto/descriptor.h"
#include "support/memory.h"
#include "support/password_service.h"

namespace sspid::test {
namespace {

/// What a call to ChangeAccountPassword is given. Nothing stands for a NULL.
struct Change {
  std::optional<std::string> account = "bob";
  std::optional<std::string> old_password = "bobpw";
  std::optional<std::string> new_password = "another password";
  std::optional<std::string> domain = std::nullopt;
  bool impersonating = false;
};

class Passwords : public testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() {
    Realm::Options options;
    options.password_service = true;
    shared_ = std::make_unique<Shared>(options);
    shared_->realm.kadmin("addpol -minlength 12 strict\n");
  }
  static void TearDownTestSuite() { shared_.reset(); }

  void SetUp() override {
    realm().kadmin("cpw -pw bobpw bob\n");
    realm().enter();
  }

  static Realm& realm() { return shared_->realm; }
  static DaemonProcess& daemon() { return shared_->daemon; }

  [[nodiscard]] SECURITY_STATUS change_w(const Change& change, SecBufferDesc* output) const {
    const auto pointer = [](std::u16string& text, bool given) {
      return given ? reinterpret_cast<SEC_WCHAR*>(text.data()) : nullptr;
    };
    std::u16string package = wide(GetParam()), domain = wide(change.domain.value_or("")),
                   account = wide(change.account.value_or("")), old_one = wide(change.old_password.value_or("")),
                   new_one = wide(change.new_password.value_or(""));
    return ChangeAccountPasswordW(pointer(package, true), pointer(domain, change.domain.has_value()),
                                  pointer(account, change.account.has_value()),
                                  pointer(old_one, change.old_password.has_value()),
                                  pointer(new_one, change.new_password.has_value()), change.impersonating, 0, output);
  }

  [[nodiscard]] SECURITY_STATUS change_a(Change change, SecBufferDesc* output) const {
    const auto pointer = [](std::optional<std::string>& text) { return text ? text->data() : nullptr; };
    std::string package = GetParam();
    return ChangeAccountPasswordA(package.data(), pointer(change.domain), pointer(change.account),
                                  pointer(change.old_password), pointer(change.new_password), change.impersonating, 0,
                                  output);
  }

  [[nodiscard]] SECURITY_STATUS change(const Change& change) const {
    SecBuffer response = untouched_response();
    SecBufferDesc output{SECBUFFER_VERSION, 1, &response};
    const SECURITY_STATUS status = change_w(change, &output);
    EXPECT_EQ(response.pvBuffer, nullptr);  // kadmind tells no rules
    EXPECT_EQ(response.cbBuffer, 0U);
    return status;
  }

  /// What the caller may have left in it.
  static SecBuffer untouched_response() { return {77, SECBUFFER_CHANGE_PASS_RESPONSE, &shared_}; }

  [[nodiscard]] static SECURITY_STATUS log_on(const std::string& user, const std::string& password) {
    Identity identity(user, realm().name(), password);
    Credential credential("Kerberos", SECPKG_CRED_OUTBOUND, identity.unicode());
    SspiInitiator client(credential, kTarget);
    client.step({});
    return client.status();
  }

  static std::size_t requests_to_the_kdc() {
    const std::string log = realm().kdc_log();
    std::size_t count = 0;
    for (std::size_t at = log.find("_REQ ("); at != std::string::npos; at = log.find("_REQ (", at + 1)) ++count;
    return count;
  }

  struct Shared {
    explicit Shared(const Realm::Options& options) : realm(options), daemon(realm.environment()) { realm.enter(); }
    Realm realm;
    DaemonProcess daemon;
  };
  static inline std::unique_ptr<Shared> shared_;
};

TEST_P(Passwords, new_one_takes_the_place_of_the_old_one) {
  EXPECT_STATUS(change({}), SEC_E_OK);
  EXPECT_STATUS(log_on("bob", "another password"), SEC_I_CONTINUE_NEEDED);
  EXPECT_STATUS(log_on("bob", "bobpw"), SEC_E_LOGON_DENIED);
}

TEST_P(Passwords, both_forms_take_what_they_are_given) {
  SecBuffer response = untouched_response();
  SecBufferDesc output{SECBUFFER_VERSION, 1, &response};
  EXPECT_STATUS(change_a({.domain = realm().name()}, &output), SEC_E_OK);
  EXPECT_STATUS(
      change_a({.account = realm().qualified("bob"), .old_password = "another password", .new_password = "pässwörd €"},
               &output),
      SEC_E_OK);
  EXPECT_STATUS(
      change_w({.account = "bob", .old_password = "pässwörd €", .new_password = "bobpw", .domain = "example.test"},
               &output),
      SEC_E_OK);
  EXPECT_STATUS(log_on("bob", "bobpw"), SEC_I_CONTINUE_NEEDED);
}

TEST_P(Passwords, one_that_has_expired_can_still_be_changed) {
  realm().modify("bob", "-pwexpire yesterday");
  EXPECT_STATUS(log_on("bob", "bobpw"), SEC_E_LOGON_DENIED);
  EXPECT_STATUS(change({}), SEC_E_OK);
  realm().modify("bob", "-pwexpire never");
  EXPECT_STATUS(log_on("bob", "another password"), SEC_I_CONTINUE_NEEDED);
}

TEST_P(Passwords, E_172_wrong_old_password_is_denied) {
  EXPECT_STATUS(change({.old_password = "wrong"}), SEC_E_LOGON_DENIED);
  EXPECT_STATUS(change({.old_password = ""}), SEC_E_LOGON_DENIED);
  EXPECT_STATUS(change({.old_password = std::nullopt}), SEC_E_LOGON_DENIED);
  EXPECT_STATUS(change({.account = "nobody"}), SEC_E_LOGON_DENIED);
  EXPECT_STATUS(log_on("bob", "bobpw"), SEC_I_CONTINUE_NEEDED);
}

TEST_P(Passwords, E_172_neither_password_is_left_in_memory) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may look into the daemon's memory";
  const HiddenText wrong("the old one that is wrong 4711"), fresh("the new one that is fresh 4712");
  Change change{.old_password = wrong.reveal(), .new_password = fresh.reveal()};
  SecBuffer response = untouched_response();
  SecBufferDesc output{SECBUFFER_VERSION, 1, &response};
  std::string package = GetParam();
  EXPECT_STATUS(ChangeAccountPasswordA(package.data(), nullptr, change.account->data(), change.old_password->data(),
                                       change.new_password->data(), 0, 0, &output),
                SEC_E_LOGON_DENIED);
  EXPECT_GT(copies_in_memory(::getpid(), wrong), 0) << "the caller's own is found";
  explicit_bzero(change.old_password->data(), change.old_password->size());
  explicit_bzero(change.new_password->data(), change.new_password->size());
  for (const pid_t process : {::getpid(), daemon().worker()})
    for (const HiddenText* text : {&wrong, &fresh}) EXPECT_EQ(copies_in_memory(process, *text), 0) << process;
}

TEST_P(Passwords, E_173_password_against_the_rules_is_refused) {
  realm().modify("bob", "-policy strict");
  EXPECT_STATUS(change({.new_password = "short"}), STATUS_PASSWORD_RESTRICTION);
  EXPECT_NE(std::string(SspiGetLastErrorText()).find("short"), std::string::npos) << "the service's own words";
  EXPECT_STATUS(log_on("bob", "bobpw"), SEC_I_CONTINUE_NEEDED);
  EXPECT_STATUS(change({.new_password = "long enough, at last"}), SEC_E_OK);
  realm().modify("bob", "-clearpolicy");
}

TEST_P(Passwords, E_174_response_buffer_is_asked_for_before_anything_is_sent) {
  const std::size_t before = requests_to_the_kdc();
  SecBuffer other{0, SECBUFFER_TOKEN, nullptr};
  std::array<SecBuffer, 2> two{untouched_response(), untouched_response()};
  SecBufferDesc without{SECBUFFER_VERSION, 1, &other}, empty{SECBUFFER_VERSION, 0, nullptr},
      twice{SECBUFFER_VERSION, 2, two.data()}, version{1, 1, two.data()}, missing{SECBUFFER_VERSION, 1, nullptr};
  for (SecBufferDesc* output : {static_cast<SecBufferDesc*>(nullptr), &without, &empty, &twice, &version, &missing}) {
    EXPECT_STATUS(change_w({}, output), SEC_E_INVALID_PARAMETER);
    EXPECT_STATUS(change_a({}, output), SEC_E_INVALID_PARAMETER);
  }
  EXPECT_EQ(two[0].cbBuffer, 77U) << "nothing is written";
  EXPECT_EQ(requests_to_the_kdc(), before);
  EXPECT_STATUS(log_on("bob", "bobpw"), SEC_I_CONTINUE_NEEDED);
}

TEST_P(Passwords, arguments_that_name_nothing_are_refused) {
  EXPECT_STATUS(change({.account = std::nullopt}), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(change({.new_password = std::nullopt}), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(change({.new_password = std::string(5000, 'x')}), SEC_E_INVALID_PARAMETER);
  SecBuffer response = untouched_response();
  SecBufferDesc output{SECBUFFER_VERSION, 1, &response};
  std::string package = "Schannel", account = "bob", password = "x";
  EXPECT_STATUS(
      ChangeAccountPasswordA(package.data(), nullptr, account.data(), password.data(), password.data(), 0, 0, &output),
      SEC_E_SECPKG_NOT_FOUND);
  EXPECT_STATUS(
      ChangeAccountPasswordA(nullptr, nullptr, account.data(), password.data(), password.data(), 0, 0, &output),
      SEC_E_SECPKG_NOT_FOUND);
}

TEST_P(Passwords, need_a_KDC_and_a_password_service) {
  realm().stop_password_service();
  EXPECT_STATUS(change({}), SEC_E_NO_AUTHENTICATING_AUTHORITY);
  realm().start_password_service();
  realm().stop_kdc();
  EXPECT_STATUS(change({}), SEC_E_NO_AUTHENTICATING_AUTHORITY);
  realm().start_kdc();
  EXPECT_STATUS(change({}), SEC_E_OK);
}

TEST_P(Passwords, administrators_set_them_by_their_tickets) {
  realm().add_user("carol/admin", "carolpw");
  realm().kinit("carol/admin", "carolpw", realm().file("admin"), {"-S", "kadmin/changepw"});
  ::setenv("KRB5CCNAME", ("FILE:" + realm().file("admin")).c_str(), 1);
  EXPECT_STATUS(change({.old_password = std::nullopt, .impersonating = true}), SEC_E_OK);
  EXPECT_STATUS(log_on("bob", "another password"), SEC_I_CONTINUE_NEEDED);
  realm().modify("bob", "-policy strict");
  EXPECT_STATUS(change({.old_password = std::nullopt, .new_password = "short", .impersonating = true}),
                STATUS_PASSWORD_RESTRICTION);
  realm().modify("bob", "-clearpolicy");
  realm().remove("carol/admin");
}

TEST_P(Passwords, nobody_else_sets_them) {
  realm().kinit("alice", "alicepw", realm().file("alice"), {"-S", "kadmin/changepw"});
  ::setenv("KRB5CCNAME", ("FILE:" + realm().file("alice")).c_str(), 1);
  EXPECT_STATUS(change({.old_password = std::nullopt, .impersonating = true}), SEC_E_NOT_OWNER);
  EXPECT_STATUS(change({.old_password = "wrong", .impersonating = true}), SEC_E_LOGON_DENIED)
      << "an old password is asked for its worth";
  ::setenv("KRB5CCNAME", ("FILE:" + realm().file("nowhere")).c_str(), 1);
  EXPECT_STATUS(change({.old_password = std::nullopt, .impersonating = true}), SEC_E_NO_CREDENTIALS);
  EXPECT_STATUS(log_on("bob", "bobpw"), SEC_I_CONTINUE_NEEDED);
}

// The process may set every password, its client none: what the client asks for is not done by the process' right.
TEST_P(Passwords, are_not_set_by_the_process_tickets_for_a_client) {
  realm().add_user("carol/admin", "carolpw");
  std::optional<Pair> pair;
  {
    const Tickets alice(realm(), "alice", "alicepw");
    Credential user("Kerberos", SECPKG_CRED_OUTBOUND), service("Kerberos", SECPKG_CRED_INBOUND);
    pair.emplace(user, service);
  }
  const Tickets admin(realm(), "carol/admin", "carolpw", {"-S", "kadmin/changepw"});
  ASSERT_STATUS(SspiImpersonateNetworkOnly(pair->server.get()), SEC_E_OK);
  EXPECT_STATUS(change({.old_password = std::nullopt, .impersonating = true}), SEC_E_NO_CREDENTIALS);
  EXPECT_STATUS(change({.old_password = "wrong", .impersonating = true}), SEC_E_LOGON_DENIED)
      << "an old password is a right of its own";
  EXPECT_STATUS(RevertSecurityContext(pair->server.get()), SEC_E_OK);
  EXPECT_STATUS(log_on("bob", "bobpw"), SEC_I_CONTINUE_NEEDED);
  EXPECT_STATUS(change({.old_password = std::nullopt, .impersonating = true}), SEC_E_OK);
  realm().remove("carol/admin");
}

/// The realm's KDC with another password service: a daemon whose krb5.conf names that one.
class DomainPasswords : public Passwords {
 protected:
  void SetUp() override {
    Passwords::SetUp();
    realm().write_keytab("kadmin/changepw", realm().file("changepw"));
    // Length 7, 24 in the history, complex; 42 days at most and one at least.
    const Bytes rules = ByteBuilder()
                            .be(std::uint16_t{0})
                            .be(std::uint32_t{7})
                            .be(std::uint32_t{24})
                            .be(std::uint32_t{1})
                            .be(42 * kDay)
                            .be(kDay)
                            .take();
    service_ = std::make_unique<PasswordService>(realm().file("changepw"), rules);
    std::string configuration = read_text(realm().file("krb5.conf"));
    configuration =
        std::regex_replace(configuration, std::regex("kpasswd_server = .*"), "kpasswd_server = " + service_->address());
    std::ofstream(realm().file("domain.conf")) << configuration;
    other_daemon_ =
        std::make_unique<DaemonProcess>(with(realm().environment(), {{"KRB5_CONFIG", realm().file("domain.conf")}}));
  }
  void TearDown() override {
    other_daemon_.reset();
    ::setenv("SSPI_SOCKET", daemon().socket().c_str(), 1);
  }

  static constexpr std::uint64_t kDay = std::uint64_t{864'000'000'000};
  std::unique_ptr<PasswordService> service_;
  std::unique_ptr<DaemonProcess> other_daemon_;
};

TEST_P(DomainPasswords, E_173_response_tells_the_rules_of_the_domain) {
  SecBuffer response = untouched_response();
  SecBufferDesc output{SECBUFFER_VERSION, 1, &response};
  EXPECT_STATUS(change_w({}, &output), STATUS_PASSWORD_RESTRICTION);
  EXPECT_EQ(service_->refused(), 1);
  ASSERT_NE(response.pvBuffer, nullptr);
  ASSERT_EQ(response.cbBuffer, sizeof(DOMAIN_PASSWORD_INFORMATION));
  const auto& rules = *static_cast<const DOMAIN_PASSWORD_INFORMATION*>(response.pvBuffer);
  EXPECT_EQ(rules.MinPasswordLength, 7);
  EXPECT_EQ(rules.PasswordHistoryLength, 24);
  EXPECT_EQ(rules.PasswordProperties, 1U);
  EXPECT_EQ(rules.MaxPasswordAge.QuadPart, -static_cast<std::int64_t>(42 * kDay));
  EXPECT_EQ(rules.MinPasswordAge.QuadPart, -static_cast<std::int64_t>(kDay));
  EXPECT_STATUS(FreeContextBuffer(response.pvBuffer), SEC_E_OK);
}

TEST_P(DomainPasswords, E_187_response_is_wiped_before_its_memory_is_released) {
  SecBuffer response = untouched_response();
  SecBufferDesc output{SECBUFFER_VERSION, 1, &response};
  ASSERT_STATUS(change_w({}, &output), STATUS_PASSWORD_RESTRICTION);
  ASSERT_NE(response.pvBuffer, nullptr);
  const proto::Descriptor memory(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(memory);
  // The allocator writes into the first words of free memory; the kernel reads for us what we may not touch any more.
  const auto where = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(response.pvBuffer)) + 16;
  std::array<std::uint8_t, 8> left{};
  ASSERT_EQ(::pread(memory.get(), left.data(), left.size(), where), static_cast<ssize_t>(left.size()));
  EXPECT_NE(left, (std::array<std::uint8_t, 8>{})) << "the age that it tells";
  EXPECT_STATUS(FreeContextBuffer(response.pvBuffer), SEC_E_OK);
  ASSERT_EQ(::pread(memory.get(), left.data(), left.size(), where), static_cast<ssize_t>(left.size()));
  EXPECT_EQ(left, (std::array<std::uint8_t, 8>{}));
}

const auto kPackages = testing::Values("Kerberos", "Negotiate");
const auto kName = [](const auto& info) { return std::string(info.param); };
INSTANTIATE_TEST_SUITE_P(Packages, Passwords, kPackages, kName);
INSTANTIATE_TEST_SUITE_P(Packages, DomainPasswords, kPackages, kName);

}  // namespace
}  // namespace sspid::test
