// Section A, fourth part: identities of the form SEC_WINNT_AUTH_IDENTITY_EX2 with what can be packed into them, and
// credentials added to a handle.
#include "calls.h"
#include "support/ex2.h"

namespace sspid::test {
namespace {

class PackedCredentials : public EachPackage {
 protected:
  static Bytes identity(std::u16string_view user, std::u16string_view domain, const Bytes& packed) {
    return ex2({.user = utf16(user), .domain = utf16(domain), .packed_credentials = packed});
  }
  [[nodiscard]] Bytes keytab_identity(const std::string& principal, const Bytes& keytab,
                                      LongSize size = LongSize::four) const {
    return identity(wide(principal), wide(realm_.name()), packed_keytab(keytab, size));
  }
  [[nodiscard]] Bytes keytab_of(const std::string& principal) {
    const std::string path = realm_.file("packed-" + std::to_string(++keytabs_));
    realm_.write_keytab(principal, path);
    return bytes_of(read_text(path));
  }

  /// A service that the daemon's keytab does not have, and nobody has a ticket for.
  [[nodiscard]] std::string fresh_service() {
    static int services = 0;
    const std::string name = "cifs" + std::to_string(++services) + "/localhost";
    realm_.add_service(name);
    return name;
  }

  static SECURITY_STATUS first_leg(Credential& credential, const char* target = kTarget) {
    SspiInitiator client(credential, target);
    client.step({});
    return client.status();
  }
  std::string accepted_as(Credential& credential) const {
    Credential service = inbound();
    Pair pair(credential, service);
    return pair.server.client_name();
  }

  [[nodiscard]] static SECURITY_STATUS add(Credential& credential, const std::string& package, ULONG use,
                                           void* identity = nullptr, const char* principal = nullptr) {
    std::u16string name = wide(package), whose = wide(principal ? principal : "");
    return AddCredentialsW(credential.get(), principal ? reinterpret_cast<SEC_WCHAR*>(whose.data()) : nullptr,
                           reinterpret_cast<SEC_WCHAR*>(name.data()), use, identity, nullptr, nullptr, nullptr);
  }
  /// Whether a client of `target` is accepted.
  bool accepts(Credential& service, const std::string& target) {
    Credential user = outbound();
    SspiInitiator client(user, target);
    SspiAcceptor server(service);
    return shake_hands(client, server).complete();
  }

 private:
  int keytabs_ = 0;
};

TEST_P(PackedCredentials, password_is_taken_with_both_sizes_of_header) {
  for (const LongSize size : {LongSize::four, LongSize::eight}) {
    Bytes bob = identity(u"bob", wide(realm_.name()), packed_password(u"bobpw", size));
    Credential credential = outbound(bob.data());
    std::fill(bob.begin(), bob.end(), std::uint8_t{0});  // E-017
    EXPECT_EQ(accepted_as(credential), realm_.qualified("bob"));
  }
  Bytes impostor = identity(u"bob", wide(realm_.name()), packed_password(u"wrong"));
  Credential credential = outbound(impostor.data());
  EXPECT_STATUS(first_leg(credential), SEC_E_LOGON_DENIED);
}

TEST_P(PackedCredentials, E_190_none_at_all_is_no_log_on) {
  for (const Bytes& packed : {Bytes(), packed_password(u"")}) {
    Bytes bob = identity(u"bob", wide(realm_.name()), packed);
    Credential credential = outbound(bob.data());
    EXPECT_STATUS(first_leg(credential), SEC_E_LOGON_DENIED);
  }
}

TEST_P(PackedCredentials, key_logs_a_client_on) {
  for (const LongSize size : {LongSize::four, LongSize::eight}) {
    Bytes bob = keytab_identity("bob", keytab_of("bob"), size);
    realm_.stop_kdc();
    Credential credential = outbound(bob.data());  // E-013: nobody is asked yet
    realm_.start_kdc();
    EXPECT_EQ(credential.name(), realm_.qualified("bob"));
    EXPECT_EQ(accepted_as(credential), realm_.qualified("bob"));
  }
}

TEST_P(PackedCredentials, first_key_stands_for_a_user_who_is_not_named) {
  Bytes someone = identity(u"", u"", packed_keytab(keytab_of("bob")));
  Credential credential = outbound(someone.data());
  EXPECT_EQ(accepted_as(credential), realm_.qualified("bob"));
}

TEST_P(PackedCredentials, key_that_is_out_of_date_is_denied) {
  realm_.add_user("dora", "dorapw");
  Bytes dora = keytab_identity("dora", keytab_of("dora"));
  Credential credential = outbound(dora.data());
  realm_.change_keys("dora");
  EXPECT_STATUS(first_leg(credential), SEC_E_LOGON_DENIED);
  realm_.remove("dora");
}

TEST_P(PackedCredentials, keys_are_those_of_an_acceptor) {
  const std::string cifs = fresh_service();
  Bytes service = keytab_identity(cifs, keytab_of(cifs));
  Credential own = inbound(), given(package_, SECPKG_CRED_INBOUND, service.data());
  EXPECT_FALSE(accepts(own, cifs)) << "the daemon's keytab has no such key";
  EXPECT_TRUE(accepts(given, cifs));
  EXPECT_FALSE(accepts(given, kTarget)) << "the daemon's keys are not given away";
  realm_.remove(cifs);
}

TEST_P(PackedCredentials, keytab_that_is_none_is_refused) {
  const Bytes good = keytab_of("bob");
  const auto status = [&](const std::string& user, const Bytes& keytab) {
    Bytes packed = keytab_identity(user, keytab);
    return Acquired({.package = GetParam(), .identity = packed.data()}).status;
  };
  EXPECT_STATUS(status("bob", good), SEC_E_OK);
  EXPECT_STATUS(status("bob", bytes_of("not a keytab")), SEC_E_UNKNOWN_CREDENTIALS);
  EXPECT_STATUS(status("bob", Bytes(good.begin(), good.end() - 1)), SEC_E_UNKNOWN_CREDENTIALS);
  EXPECT_STATUS(status("bob", Bytes{5, 2}), SEC_E_NO_CREDENTIALS) << "without keys";
  EXPECT_STATUS(status("alice", good), SEC_E_NO_CREDENTIALS) << "without her key";
}

TEST_P(PackedCredentials, other_kinds_are_not_recognised) {
  Bytes card = identity(u"bob", u"", packed(SEC_WINNT_AUTH_DATA_TYPE_CERT, bytes_of("x")));
  EXPECT_STATUS(Acquired({.package = GetParam(), .identity = card.data()}).status, SEC_E_UNKNOWN_CREDENTIALS);
}

// ---- AddCredentials ----

TEST_P(PackedCredentials, added_identity_is_the_one_to_initiate_with) {
  Credential credential = outbound();
  Identity bob("bob", realm_.name(), "bobpw");
  EXPECT_EQ(accepted_as(credential), realm_.qualified("alice"));
  EXPECT_STATUS(add(credential, package_, SECPKG_CRED_OUTBOUND, bob.unicode()), SEC_E_OK);
  EXPECT_EQ(accepted_as(credential), realm_.qualified("bob"));
}

TEST_P(PackedCredentials, addition_that_fails_leaves_the_old_one) {
  Credential credential = outbound();
  const Tickets none(realm_, "bob", "bobpw");
  Variable nowhere("KRB5CCNAME", "FILE:" + realm_.file("nowhere"));
  EXPECT_STATUS(add(credential, package_, SECPKG_CRED_OUTBOUND), SEC_E_NO_CREDENTIALS);
  Bytes bad = keytab_identity("bob", bytes_of("not a keytab"));
  EXPECT_STATUS(add(credential, package_, SECPKG_CRED_OUTBOUND, bad.data()), SEC_E_UNKNOWN_CREDENTIALS);
  EXPECT_STATUS(add(credential, package_, 0), SEC_E_UNKNOWN_CREDENTIALS);
  EXPECT_STATUS(add(credential, "Schannel", SECPKG_CRED_OUTBOUND), SEC_E_SECPKG_NOT_FOUND);
  EXPECT_EQ(accepted_as(credential), realm_.qualified("alice"));
}

TEST_P(PackedCredentials, added_direction_makes_it_good_for_both) {
  Credential credential = inbound();
  EXPECT_STATUS(first_leg(credential), SEC_E_NO_CREDENTIALS);
  EXPECT_STATUS(add(credential, package_, SECPKG_CRED_OUTBOUND), SEC_E_OK);
  EXPECT_EQ(accepted_as(credential), realm_.qualified("alice"));
  EXPECT_TRUE(accepts(credential, kTarget));
}

TEST_P(PackedCredentials, added_principals_are_accepted_beside_the_old_ones) {
  Credential service(package_, SECPKG_CRED_INBOUND, nullptr, kTarget);
  EXPECT_TRUE(accepts(service, kTarget));
  EXPECT_FALSE(accepts(service, "HTTP/localhost"));
  EXPECT_STATUS(add(service, package_, SECPKG_CRED_INBOUND, nullptr, "HTTP/localhost"), SEC_E_OK);
  EXPECT_TRUE(accepts(service, kTarget));
  EXPECT_TRUE(accepts(service, "HTTP/localhost"));
  EXPECT_FALSE(accepts(service, "ldap/localhost"));
}

TEST_P(PackedCredentials, added_keys_are_accepted_beside_the_old_ones) {
  const std::string cifs = fresh_service();
  Bytes keys = keytab_identity(cifs, keytab_of(cifs));
  Credential service = inbound();
  EXPECT_STATUS(add(service, package_, SECPKG_CRED_INBOUND, keys.data()), SEC_E_OK);
  EXPECT_TRUE(accepts(service, cifs));
  EXPECT_TRUE(accepts(service, kTarget));
  realm_.remove(cifs);
}

TEST_P(PackedCredentials, context_that_is_half_built_goes_on_with_the_handle_it_began_with) {
  Credential credential = outbound(), service = inbound();
  SspiInitiator client(credential, kTarget);
  SspiAcceptor server(service);
  const Leg hello = client.step({});
  Identity bob("bob", realm_.name(), "bobpw");
  EXPECT_STATUS(add(credential, package_, SECPKG_CRED_OUTBOUND, bob.unicode()), SEC_E_OK);
  const Leg answer = server.step(hello.token);
  client.step(answer.token);
  EXPECT_STATUS(client.status(), SEC_E_OK);
  EXPECT_EQ(server.client_name(), realm_.qualified("alice"));
}

TEST_P(PackedCredentials, handle_of_nothing_takes_no_addition) {
  CredHandle nothing{1, 2};
  std::string package = package_;
  EXPECT_STATUS(
      AddCredentialsA(&nothing, nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr),
      SEC_E_INVALID_HANDLE);
  EXPECT_STATUS(
      AddCredentialsA(nullptr, nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr),
      SEC_E_INVALID_HANDLE);
}

FOR_EACH_PACKAGE(PackedCredentials);

TEST(Additions, to_Negotiate_may_be_of_a_package_that_it_chooses_from) {
  Realm& realm = world().realm;
  const auto add = [](Credential& credential, std::string package, void* identity) {
    return AddCredentialsA(credential.get(), nullptr, package.data(), SECPKG_CRED_OUTBOUND, identity, nullptr, nullptr,
                           nullptr);
  };
  Identity bob("bob", realm.name(), "bobpw");
  Credential negotiate("Negotiate", SECPKG_CRED_OUTBOUND), kerberos("Kerberos", SECPKG_CRED_OUTBOUND);
  EXPECT_STATUS(add(negotiate, "kerberos", bob.unicode()), SEC_E_OK);
  Credential service("Negotiate", SECPKG_CRED_INBOUND);
  Pair pair(negotiate, service);
  EXPECT_EQ(pair.server.client_name(), realm.qualified("bob"));
  EXPECT_STATUS(add(kerberos, "Negotiate", bob.unicode()), SEC_E_UNSUPPORTED_FUNCTION);
}

}  // namespace
}  // namespace sspid::test
