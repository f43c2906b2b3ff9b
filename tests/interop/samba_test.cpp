// Tickets of Samba's domain controller: who the client is, in the words of its PAC.
#include <memory>
#include <optional>
#include <set>

#include <gtest/gtest.h>
#include <sspi.h>
#include <sspi_ext.h>
#include <unistd.h>

#include "conformance/calls.h"
#include "support/daemon.h"
#include "support/handshake.h"
#include "support/samba_realm.h"
#include "support/sspi_peer.h"

namespace sspid::test {
namespace {

struct SambaWorld {
  SambaWorld()
      : realm(
            "        auth_to_local_names = {\n"
            "            alice = nobody\n"
            "            bob = an-account-that-is-not-here\n"
            "        }\n"),
        daemon(realm.environment()) {
    realm.enter();
  }

  SambaRealm realm;
  DaemonProcess daemon;
};

struct FreeInformation {
  void operator()(SspiTokenInformation* information) const { EXPECT_STATUS(FreeContextBuffer(information), SEC_E_OK); }
};
using Information = std::unique_ptr<SspiTokenInformation, FreeInformation>;

class Samba : public ::testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() {
    if (::geteuid() == 0) world_ = std::make_unique<SambaWorld>();
  }
  static void TearDownTestSuite() { world_.reset(); }
  void SetUp() override {
    if (!world_) GTEST_SKIP() << "only root can provision a domain controller";
    inbound_.emplace(GetParam(), SECPKG_CRED_INBOUND);
    outbound_.emplace(GetParam(), SECPKG_CRED_OUTBOUND);
  }

  static Information information(HANDLE token) {
    SspiTokenInformation* told = nullptr;
    must("SspiQueryTokenInformation", SspiQueryTokenInformation(token, &told));
    return Information(told);
  }
  static Information token_of(SspiContext& server) {
    HANDLE token = nullptr;
    must("QuerySecurityContextToken", QuerySecurityContextToken(server.get(), &token));
    Information told = information(token);
    EXPECT_TRUE(CloseHandle(token));
    return told;
  }

  /// Well-known SIDs aside: the one of the way of log-on (S-1-18-1) is the KDC's own, the builtin groups (S-1-5-32-…)
  /// are those of each computer and in no ticket.
  static std::set<std::string> domain_groups(const std::set<std::string>& all) {
    std::set<std::string> result;
    for (const std::string& sid : all)
      if (sid.starts_with("S-1-5-21-")) result.insert(sid);
    return result;
  }
  static std::set<std::string> groups_of(const SspiTokenInformation& told) {
    return {told.GroupSids, told.GroupSids + told.GroupSidCount};
  }
  static void expect_user(const SspiTokenInformation& told, const DomainUser& user) {
    ASSERT_NE(told.UserSid, nullptr);
    EXPECT_EQ(told.UserSid, user.sid);
    EXPECT_EQ(told.PrimaryGroupSid, user.primary_group);
    std::set<std::string> wanted = domain_groups(user.groups);
    wanted.erase(user.primary_group);
    EXPECT_EQ(domain_groups(groups_of(told)), wanted);
    EXPECT_TRUE(groups_of(told).count("S-1-18-1")) << "the KDC says that it has authenticated the user";
    EXPECT_STREQ(told.LogonDomain, "AD");
  }

  /// Tickets of bob, in a cache that goes with them.
  static Credential outbound_of_bob() {
    const Directory directory;
    world_->realm.kinit("bob", "Bobpw1!x", directory.file("cc"));
    const Variable cache("KRB5CCNAME", "FILE:" + directory.file("cc"));
    return Credential(GetParam(), SECPKG_CRED_OUTBOUND);
  }

  static std::unique_ptr<SambaWorld> world_;
  std::optional<Credential> inbound_, outbound_;
};

std::unique_ptr<SambaWorld> Samba::world_;

TEST_P(Samba, token_has_the_sids_that_the_directory_looks_up) {
  SspiInitiator client(*outbound_, SambaRealm::kService);
  SspiAcceptor server(*inbound_);
  ASSERT_TRUE(establish(client, server).complete());
  const Information alice = token_of(server);
  expect_user(*alice, world_->realm.alice());
  EXPECT_EQ(world_->realm.alice().groups.size(), 5U) << "three groups made, Domain Users, and the builtin Users";
  EXPECT_STREQ(alice->LogonName, "alice");
  EXPECT_STREQ(alice->Principal, "alice@AD.EXAMPLE.TEST");
  EXPECT_STREQ(alice->Authority, "AD.EXAMPLE.TEST");
  EXPECT_EQ(alice->Flags, ULONG{SSPI_TOKEN_HAS_ACCOUNT});
  EXPECT_STREQ(alice->Account, "nobody");
}

TEST_P(Samba, user_without_account_and_groups_has_a_token_of_its_domain) {
  Credential outbound = outbound_of_bob();
  SspiInitiator client(outbound, SambaRealm::kService);
  SspiAcceptor server(*inbound_);
  ASSERT_TRUE(establish(client, server).complete());
  const Information bob = token_of(server);
  expect_user(*bob, world_->realm.bob());
  EXPECT_EQ(bob->Flags, 0U);
  EXPECT_EQ(bob->Account, nullptr);
  EXPECT_EQ(bob->GroupCount, 0U);
}

std::int64_t password_end(SspiContext& end) {
  const TimeStamp stamp = end.attribute<SecPkgContext_PasswordExpiry>(SECPKG_ATTR_PASSWORD_EXPIRY).tsPasswordExpires;
  return stamp.QuadPart == kNoExpiry ? kNoExpiry : unix_time(stamp);
}

std::int64_t logoff_time(SspiContext& end) {
  const TimeStamp stamp = end.attribute<SecPkgContext_LogoffTime>(SECPKG_ATTR_LOGOFF_TIME).tsLogoffTime;
  return stamp.QuadPart == kNoExpiry ? kNoExpiry : unix_time(stamp);
}

// The PAC is the service's to read: a client's own end knows neither time.
TEST_P(Samba, times_are_those_that_the_directory_computes) {
  Credential bobs = outbound_of_bob();
  const struct {
    Credential& outbound;
    const DomainUser& user;
  } kUsers[] = {{*outbound_, world_->realm.alice()}, {bobs, world_->realm.bob()}};
  for (const auto& [outbound, user] : kUsers) {
    SspiInitiator client(outbound, SambaRealm::kService);
    SspiAcceptor server(*inbound_);
    ASSERT_TRUE(establish(client, server).complete());
    ASSERT_TRUE(user.password_ends) << "the domain's passwords last 42 days";
    EXPECT_EQ(password_end(server), *user.password_ends);
    EXPECT_EQ(logoff_time(server), user.account_ends.value_or(kNoExpiry));
    EXPECT_EQ(password_end(client), kNoExpiry);
    EXPECT_EQ(logoff_time(client), kNoExpiry);
  }
  EXPECT_TRUE(world_->realm.bob().account_ends);
}

TEST_P(Samba, token_is_there_after_messages_too) {
  SspiInitiator client(*outbound_, SambaRealm::kService);
  SspiAcceptor server(*inbound_);
  ASSERT_TRUE(establish(client, server).complete());
  Sealed sealed = client.seal(bytes_of("the first message"));
  ASSERT_STATUS(server.open(sealed), SEC_E_OK);
  const auto attribute = server.attribute<SecPkgContext_AccessToken>(SECPKG_ATTR_ACCESS_TOKEN);
  expect_user(*information(attribute.AccessToken), world_->realm.alice());
}

INSTANTIATE_TEST_SUITE_P(Package, Samba, ::testing::Values("Kerberos", "Negotiate"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace sspid::test
