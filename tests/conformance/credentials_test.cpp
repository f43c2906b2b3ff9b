// Section A, second part: what AcquireCredentialsHandle takes from where, and what it tells of it.
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include <krb5.h>

#include "calls.h"

namespace sspid::test {
namespace {

class Credentials : public EachPackage {
 protected:
  [[nodiscard]] SECURITY_STATUS acquire(AcquireArguments arguments = {}) const {
    arguments.package = GetParam();
    return Acquired(arguments).status;
  }

  // The status of the first leg towards a service that everybody may use.
  static SECURITY_STATUS first_leg(Credential& credential) {
    SspiInitiator client(credential, kTarget);
    client.step({});
    return client.status();
  }

  void expect_context(Credential& credential) const {
    Credential service = inbound();
    Pair pair(credential, service);
    expect_messages_pass(pair.client, pair.server);
  }
};

std::string content(const std::string& path) { return read_text(path); }

// When the ticket-granting ticket of a cache ends, as libkrb5 itself reads it.
std::int64_t end_of_tickets(const std::string& cache_path) {
  krb5_context context = nullptr;
  krb5_ccache cache = nullptr;
  krb5_cc_cursor cursor = nullptr;
  krb5_creds ticket{};
  std::int64_t end = 0;
  if (krb5_init_context(&context) != 0) throw std::runtime_error("krb5_init_context");
  if (krb5_cc_resolve(context, ("FILE:" + cache_path).c_str(), &cache) == 0 &&
      krb5_cc_start_seq_get(context, cache, &cursor) == 0) {
    while (krb5_cc_next_cred(context, cache, &cursor, &ticket) == 0) {
      if (!krb5_is_config_principal(context, ticket.server)) end = static_cast<std::uint32_t>(ticket.times.endtime);
      krb5_free_cred_contents(context, &ticket);
    }
    krb5_cc_end_seq_get(context, cache, &cursor);
  }
  if (cache != nullptr) krb5_cc_close(context, cache);
  krb5_free_context(context);
  if (end == 0) throw std::runtime_error("no ticket in " + cache_path);
  return end;
}

TEST_P(Credentials, E_012_use_must_name_a_direction_and_reserved_bits_are_ignored) {
  EXPECT_STATUS(acquire({.use = 0}), SEC_E_UNKNOWN_CREDENTIALS);
  EXPECT_STATUS(acquire({.use = 0x80000000}), SEC_E_UNKNOWN_CREDENTIALS);
  EXPECT_STATUS(acquire({.use = SECPKG_CRED_OUTBOUND | SECPKG_CRED_RESERVED}), SEC_E_OK);
  EXPECT_STATUS(acquire({.use = SECPKG_CRED_INBOUND | 0x10000000}), SEC_E_OK);
  EXPECT_STATUS(acquire({.use = SECPKG_CRED_DEFAULT}), SEC_E_OK);
  EXPECT_STATUS(acquire({.use = SECPKG_CRED_OUTBOUND | SECPKG_CRED_AUTOLOGON_RESTRICTED}), SEC_E_OK);
}

TEST_P(Credentials, E_021_without_a_ticket_cache_there_is_no_outbound_credential) {
  const Directory empty;
  const Variable cache("KRB5CCNAME", "FILE:" + empty.file("absent"));
  EXPECT_STATUS(acquire(), SEC_E_NO_CREDENTIALS);
  EXPECT_NE(std::string(SspiGetLastErrorText()).find("absent"), std::string::npos) << SspiGetLastErrorText();
  EXPECT_STATUS(acquire({.use = SECPKG_CRED_INBOUND}), SEC_E_OK);
}

TEST_P(Credentials, E_021_a_cache_that_is_no_cache_holds_no_credential) {
  const Directory directory;
  std::ofstream(directory.file("cc")) << "neither version nor principal";
  const Variable cache("KRB5CCNAME", "FILE:" + directory.file("cc"));
  const Acquired acquired({.package = GetParam()});
  EXPECT_TRUE(acquired.status == SEC_E_NO_CREDENTIALS || acquired.status == SEC_E_UNKNOWN_CREDENTIALS)
      << status_name(acquired.status);
}

TEST_P(Credentials, E_022_without_a_keytab_there_is_no_inbound_credential) {
  const std::string aside = realm_.file("keytab-aside");
  std::filesystem::rename(realm_.keytab(), aside);
  await("the daemon to notice", [&] { return acquire({.use = SECPKG_CRED_INBOUND}) != SEC_E_OK; });
  EXPECT_STATUS(acquire({.use = SECPKG_CRED_INBOUND}), SEC_E_NO_CREDENTIALS);
  EXPECT_STATUS(acquire({.use = SECPKG_CRED_OUTBOUND}), SEC_E_OK);

  std::ofstream(realm_.keytab()) << "\x05\x02";  // a keytab's version, and no key
  await("the daemon to notice", [&] {
    return acquire({.use = SECPKG_CRED_INBOUND}) != SEC_E_NO_CREDENTIALS ||
           std::string(SspiGetLastErrorText()).find("no keytab") == std::string::npos;
  });
  EXPECT_STATUS(acquire({.use = SECPKG_CRED_INBOUND}), SEC_E_NO_CREDENTIALS);

  std::filesystem::rename(aside, realm_.keytab());
  await("the daemon to notice", [&] { return acquire({.use = SECPKG_CRED_INBOUND}) == SEC_E_OK; });
}

TEST_P(Credentials, E_022_a_principal_that_the_keytab_lacks_is_a_hint_only) {
  Credential service(package_, SECPKG_CRED_INBOUND, nullptr, "HTTP/never.heard.of");
  Credential user = outbound();
  Pair pair(user, service);
  EXPECT_EQ(pair.server.server_name(), realm_.qualified(kTarget));
  EXPECT_NE(world_.daemon.log().find("HTTP/never.heard.of"), std::string::npos) << "the log does not say so";
}

TEST_P(Credentials, E_022_a_principal_that_the_keytab_has_is_the_only_one_that_serves) {
  Credential service(package_, SECPKG_CRED_INBOUND, nullptr, "HTTP/localhost");
  Credential user = outbound();
  SspiInitiator client(user, kTarget);
  SspiAcceptor server(service);
  EXPECT_FALSE(shake_hands(client, server).complete());
  EXPECT_STATUS(server.status(), SEC_E_LOGON_DENIED);
  Pair pair(user, service, asking(kUsualRequirements, "HTTP/localhost"));
  EXPECT_EQ(pair.server.server_name(), realm_.qualified("HTTP/localhost"));
}

TEST_P(Credentials, E_023_another_logon_session_belongs_to_somebody_else) {
  LUID other{.LowPart = 999, .HighPart = 0};
  EXPECT_STATUS(acquire({.logon = &other}), SEC_E_NOT_OWNER);
  LUID own{};
  EXPECT_STATUS(acquire({.logon = &own}), SEC_E_OK);
}

TEST_P(Credentials, E_023_process_of_a_user_who_is_not_served_owns_nothing) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  std::filesystem::permissions(std::filesystem::path(world_.daemon.socket()).parent_path(),
                               std::filesystem::perms(0755));
  std::filesystem::permissions(world_.daemon.socket(), std::filesystem::perms(0666));
  const Result result = run({built_program("conformance_program"), "as-nobody", "acquire", GetParam(), "outbound"},
                            with(realm_.environment(), {{"SSPI_SOCKET", world_.daemon.socket()}}));
  EXPECT_EQ(result.output, status_name(SEC_E_NOT_OWNER) + '\n');
}

TEST_P(Credentials, principal_of_outbound_credential_must_be_the_owner_of_the_tickets) {
  EXPECT_STATUS(acquire({.principal = "alice"}), SEC_E_OK);
  EXPECT_STATUS(acquire({.principal = realm_.qualified("alice").c_str()}), SEC_E_OK);
  EXPECT_STATUS(acquire({.principal = "bob"}), SEC_E_NO_CREDENTIALS);
}

TEST_P(Credentials, E_024_Negotiate_has_no_credential_for_process_policy_only) {
  const ULONG use = SECPKG_CRED_OUTBOUND | SECPKG_CRED_PROCESS_POLICY_ONLY;
  EXPECT_STATUS(acquire({.use = use}), negotiates() ? SEC_E_NO_CREDENTIALS : SEC_E_OK);
}

TEST_P(Credentials, E_025_place_for_the_handle_is_required) {
  std::u16string package = wide(package_);
  EXPECT_STATUS(AcquireCredentialsHandleW(nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr,
                                          nullptr, nullptr, nullptr),
                SEC_E_INVALID_HANDLE);
  std::string narrow_package = package_;
  EXPECT_STATUS(AcquireCredentialsHandleA(nullptr, narrow_package.data(), SECPKG_CRED_OUTBOUND, nullptr, nullptr,
                                          nullptr, nullptr, nullptr, nullptr),
                SEC_E_INVALID_HANDLE);
}

TEST_P(Credentials, E_026_failure_leaves_an_invalid_handle) {
  const Acquired refused_by_daemon({.package = GetParam(), .use = 0});
  EXPECT_LT(refused_by_daemon.status, 0);
  EXPECT_TRUE(is_invalidated(refused_by_daemon.handle));
  SEC_WINNT_AUTH_IDENTITY_A without_flags{};
  const Acquired refused_by_library({.package = GetParam(), .identity = &without_flags});
  EXPECT_LT(refused_by_library.status, 0);
  EXPECT_TRUE(is_invalidated(refused_by_library.handle));
  const Acquired unknown({.package = "Nope"});
  EXPECT_TRUE(is_invalidated(unknown.handle));
}

TEST_P(Credentials, E_027_expiry_is_the_tickets_end_in_local_time) {
  for (const char* zone : {"UTC0", "WEST-5:30", "EAST+11"}) {
    const Variable time_zone("TZ", zone);
    ::tzset();
    const Acquired acquired({.package = GetParam()});
    ASSERT_STATUS(acquired.status, SEC_E_OK);
    EXPECT_NEAR(static_cast<double>(unix_time(acquired.expiry)), static_cast<double>(end_of_tickets(realm_.cache())), 1)
        << zone;
  }
  ::tzset();
}

TEST_P(Credentials, E_027_expiry_of_a_password_is_never) {
  Identity alice("alice", realm_.name(), "alicepw");
  EXPECT_EQ(Acquired({.package = GetParam(), .identity = alice.unicode()}).expiry.QuadPart, kNoExpiry);
}

TEST_P(Credentials, E_157_expiry_need_not_be_asked_for) {
  std::u16string package = wide(package_);
  CredHandle handle{};
  ASSERT_STATUS(AcquireCredentialsHandleW(nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr,
                                          nullptr, &handle, nullptr),
                SEC_E_OK);
  FreeCredentialsHandle(&handle);
}

TEST_P(Credentials, expired_tickets_are_acquired_and_serve_for_nothing) {
  const Tickets tickets(realm_, "bob", "bobpw", {"-l", "1s"});
  const std::int64_t end = end_of_tickets(tickets.path());
  await("the tickets to end", [&] { return std::time(nullptr) > end; });
  Credential credential = outbound();
  EXPECT_EQ(unix_time(credential.expiry()), end);
  EXPECT_EQ(credential.name(), realm_.qualified("bob"));
  EXPECT_STATUS(first_leg(credential), SEC_E_NO_CREDENTIALS);
}

TEST_P(Credentials, new_tickets_take_effect_with_the_next_credential) {
  Tickets tickets(realm_, "bob", "bobpw");
  Credential bob = outbound();
  realm_.kinit("alice", "alicepw", tickets.path());
  Credential alice = outbound();
  EXPECT_EQ(bob.name(), realm_.qualified("bob"));
  EXPECT_EQ(alice.name(), realm_.qualified("alice"));
  std::filesystem::remove(tickets.path());
  EXPECT_STATUS(acquire(), SEC_E_NO_CREDENTIALS);
}

TEST_P(Credentials, the_users_ticket_cache_is_never_written) {
  const Tickets tickets(realm_, "bob", "bobpw");
  const std::string before = content(tickets.path());
  Credential bob = outbound();
  expect_context(bob);
  Identity alice("alice", realm_.name(), "alicepw");
  Credential by_password = outbound(alice.unicode());
  expect_context(by_password);
  EXPECT_TRUE(content(tickets.path()) == before);
}

TEST_P(Credentials, credential_for_both_directions_initiates_and_accepts) {
  Credential both(package_, SECPKG_CRED_BOTH);
  Pair pair(both, both);
  EXPECT_EQ(pair.server.client_name(), realm_.qualified("alice"));
}

TEST_P(Credentials, E_029_one_credential_serves_several_contexts_at_once) {
  Credential user = outbound();
  Credential service = inbound();
  std::vector<std::unique_ptr<SspiInitiator>> clients;
  std::vector<Leg> first_legs;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<SspiInitiator>(user, kTarget));
    first_legs.push_back(clients.back()->step({}));
  }
  std::vector<std::unique_ptr<SspiAcceptor>> servers;
  for (std::size_t i = clients.size(); i-- > 0;) {  // not in the order in which they began
    servers.push_back(std::make_unique<SspiAcceptor>(service));
    const Leg answer = servers.back()->step(first_legs[i].token);
    ASSERT_STATUS(servers.back()->status(), SEC_E_OK);
    clients[i]->step(answer.token);
    ASSERT_STATUS(clients[i]->status(), SEC_E_OK);
  }
  for (std::size_t i = 0; i < clients.size(); ++i) expect_messages_pass(*clients[i], *servers[clients.size() - 1 - i]);
  // Independent: what one seals is nothing to another.
  Sealed sealed = clients[0]->seal(bytes_of("for the first"));
  EXPECT_NE(servers[0]->open(sealed), SEC_E_OK);
}

TEST_P(Credentials, E_030_default_credential_has_its_principals_name) {
  Credential user = outbound();
  EXPECT_EQ(user.name(), realm_.qualified("alice"));

  SecPkgCredentials_NamesA names{};
  ASSERT_STATUS(QueryCredentialsAttributesA(user.get(), SECPKG_CRED_ATTR_NAMES, &names), SEC_E_OK);
  EXPECT_EQ(names.sUserName, realm_.qualified("alice"));
  EXPECT_STATUS(FreeContextBuffer(names.sUserName), SEC_E_OK);

  SecPkgCredentials_NamesW names_ex{};
  ASSERT_STATUS(QueryCredentialsAttributesExW(user.get(), SECPKG_CRED_ATTR_NAMES, &names_ex, sizeof names_ex),
                SEC_E_OK);
  EXPECT_EQ(narrow(names_ex.sUserName), realm_.qualified("alice"));
  EXPECT_STATUS(FreeContextBuffer(names_ex.sUserName), SEC_E_OK);
}

TEST_P(Credentials, E_030_password_credential_has_the_name_that_it_was_given) {
  Identity alice("alice", realm_.name(), "alicepw");
  Credential user = outbound(alice.unicode());
  EXPECT_EQ(user.name(), realm_.name() + "\\alice");
}

TEST_P(Credentials, E_031_credentials_have_no_certificate_nor_other_attributes) {
  Credential user = outbound();
  SecPkgCredentials_Cert certificate{.EncodedCertSize = 77, .EncodedCert = nullptr};
  EXPECT_STATUS(QueryCredentialsAttributesW(user.get(), SECPKG_CRED_ATTR_CERT, &certificate),
                SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(certificate.EncodedCertSize, 77U);
  for (const ULONG attribute : {ULONG{SECPKG_CRED_ATTR_SSI_PROVIDER}, ULONG{SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS},
                                ULONG{SECPKG_CRED_ATTR_PAC_BYPASS}, ULONG{0}, ULONG{4711}}) {
    Bytes place(64, kUntouched);
    EXPECT_STATUS(QueryCredentialsAttributesA(user.get(), attribute, place.data()), SEC_E_UNSUPPORTED_FUNCTION);
    EXPECT_EQ(place, Bytes(64, kUntouched));
  }
}

TEST_P(Credentials, E_151_E_152_attribute_needs_a_place_of_its_size) {
  Credential user = outbound();
  EXPECT_STATUS(QueryCredentialsAttributesW(user.get(), SECPKG_CRED_ATTR_NAMES, nullptr), SEC_E_INVALID_PARAMETER);
  auto* const before = reinterpret_cast<SEC_WCHAR*>(0x1234);
  SecPkgCredentials_NamesW names{before};
  EXPECT_STATUS(QueryCredentialsAttributesExW(user.get(), SECPKG_CRED_ATTR_NAMES, &names, sizeof names - 1),
                SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(names.sUserName, before);
  EXPECT_STATUS(QueryCredentialsAttributesExA(user.get(), SECPKG_CRED_ATTR_NAMES, &names, sizeof names - 1),
                SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(names.sUserName, before);
}

FOR_EACH_PACKAGE(Credentials);

}  // namespace
}  // namespace sspid::test
