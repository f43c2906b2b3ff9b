// Section A, fifth part: SetCredentialsAttributes. A realm whose krb5.conf names a KDC that nobody can reach, and an
// HTTPS proxy that can.
#include <fstream>
#include <memory>
#include <regex>

#include "calls.h"
#include "support/ex2.h"
#include "support/process.h"

namespace sspid::test {
namespace {

/// SecPkgCredentials_KdcProxySettingsW with the server's name behind it.
Bytes settings(std::u16string_view server, std::uint32_t flags = KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY) {
  return ByteBuilder()
      .le(std::uint32_t{KDC_PROXY_SETTINGS_V1})
      .le(flags)
      .le(std::uint16_t{sizeof(SecPkgCredentials_KdcProxySettingsW)})
      .le(static_cast<std::uint16_t>(2 * server.size()))
      .le(std::uint32_t{0})
      .add(utf16(server))
      .take();
}

SECURITY_STATUS set(CredHandle* credential, Bytes block, ULONG attribute = SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS) {
  return SetCredentialsAttributesW(credential, attribute, block.data(), static_cast<ULONG>(block.size()));
}

class KdcProxies : public testing::TestWithParam<const char*> {
 protected:
  struct Shared {
    Shared() {
      realm.enter();
      run_or_throw({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", realm.file("proxy.key"), "-out",
                    realm.file("proxy.crt")});
      const std::string real = read_text(realm.file("krb5.conf"));
      std::smatch kdc;
      if (!std::regex_search(real, kdc, std::regex("kdc = 127.0.0.1:([0-9]+)"))) throw std::runtime_error("no KDC");
      std::ofstream(realm.file("far.conf")) << std::regex_replace(
          real, std::regex("kdc = 127.0.0.1:[0-9]+"),
          "kdc = 127.0.0.1:" + nobody.text() + "\n        http_anchors = FILE:" + realm.file("proxy.crt"));
      proxy = std::make_unique<Process>(
          Process::Options{.command = {"python3", SSPID_TESTS "/support/kdc_proxy.py", port.text(), kdc[1].str(),
                                       realm.file("proxy.crt"), realm.file("proxy.key")},
                           .output = realm.file("proxy.log")});
      await(
          "the proxy: " + realm.file("proxy.log"), [this] { return port.open(); }, proxy.get());
      daemon = std::make_unique<DaemonProcess>(with(realm.environment(), {{"KRB5_CONFIG", realm.file("far.conf")}}));
    }
    Realm realm;
    Port port, nobody;
    std::unique_ptr<Process> proxy;
    std::unique_ptr<DaemonProcess> daemon;
  };
  static void SetUpTestSuite() { shared_ = std::make_unique<Shared>(); }
  static void TearDownTestSuite() { shared_.reset(); }

  static Realm& realm() { return shared_->realm; }
  static std::u16string url() { return wide("https://localhost:" + shared_->port.text() + "/KdcProxy"); }
  /// Messages that went through it.
  static std::size_t messages() {
    const std::string log = read_text(realm().file("proxy.log"));
    std::size_t count = 0;
    for (std::size_t at = log.find("for "); at != std::string::npos; at = log.find("for ", at + 1)) ++count;
    return count;
  }

  [[nodiscard]] Credential outbound(void* identity = nullptr) const {
    return Credential(GetParam(), SECPKG_CRED_OUTBOUND, identity);
  }
  static SECURITY_STATUS first_leg(Credential& credential, const char* target = kTarget) {
    SspiInitiator client(credential, target);
    client.step({});
    return client.status();
  }
  std::string accepted_as(Credential& credential, const char* target = kTarget) const {
    Credential service(GetParam(), SECPKG_CRED_INBOUND);
    Pair pair(credential, service, asking(kUsualRequirements, target));
    return pair.server.client_name();
  }

  static inline std::unique_ptr<Shared> shared_;
};

TEST_P(KdcProxies, password_and_target_are_asked_for_through_the_proxy) {
  Identity bob("bob", realm().name(), "bobpw");
  Credential credential = outbound(bob.unicode());
  EXPECT_STATUS(first_leg(credential), SEC_E_NO_AUTHENTICATING_AUTHORITY) << "nobody there yet";
  const std::size_t before = messages();
  EXPECT_STATUS(set(credential.get(), settings(url())), SEC_E_OK);
  EXPECT_EQ(accepted_as(credential), realm().qualified("bob"));
  const std::size_t after = messages();
  EXPECT_GE(after, before + 2) << "a ticket-granting ticket and a ticket";
  EXPECT_EQ(accepted_as(credential), realm().qualified("bob"));
  EXPECT_EQ(messages(), after) << "a ticket that is there is not asked for again";
}

TEST_P(KdcProxies, wrong_password_and_unknown_target_are_told) {
  Identity impostor("bob", realm().name(), "wrong"), bob("bob", realm().name(), "bobpw");
  Credential denied = outbound(impostor.unicode()), credential = outbound(bob.unicode());
  EXPECT_STATUS(set(denied.get(), settings(url())), SEC_E_OK);
  EXPECT_STATUS(first_leg(denied), SEC_E_LOGON_DENIED);
  EXPECT_STATUS(set(credential.get(), settings(url())), SEC_E_OK);
  EXPECT_STATUS(first_leg(credential, "nosuch/localhost"), SEC_E_TARGET_UNKNOWN);
}

TEST_P(KdcProxies, callers_own_tickets_get_others_through_the_proxy) {
  Credential credential = outbound();
  EXPECT_STATUS(first_leg(credential, "HTTP/localhost"), SEC_E_NO_AUTHENTICATING_AUTHORITY);
  EXPECT_STATUS(set(credential.get(), settings(url())), SEC_E_OK);
  EXPECT_EQ(accepted_as(credential, GetParam() == std::string("Negotiate") ? "imap/localhost" : "ldap/localhost"),
            realm().qualified("alice"));
}

TEST_P(KdcProxies, packed_key_logs_on_through_the_proxy) {
  realm().write_keytab("bob", realm().file("bob.keytab"));
  Bytes bob = ex2({.user = utf16(u"bob"),
                   .domain = utf16(wide(realm().name())),
                   .packed_credentials = packed_keytab(bytes_of(read_text(realm().file("bob.keytab"))))});
  Credential credential = outbound(bob.data());
  EXPECT_STATUS(set(credential.get(), settings(url())), SEC_E_OK);
  EXPECT_EQ(accepted_as(credential), realm().qualified("bob"));
}

TEST_P(KdcProxies, setting_is_taken_back_by_an_empty_one) {
  Identity bob("bob", realm().name(), "bobpw");
  Credential credential = outbound(bob.unicode());
  EXPECT_STATUS(set(credential.get(), settings(url())), SEC_E_OK);
  EXPECT_STATUS(set(credential.get(), settings(u"")), SEC_E_OK);
  EXPECT_STATUS(first_leg(credential), SEC_E_NO_AUTHENTICATING_AUTHORITY);
}

TEST_P(KdcProxies, proxy_that_is_not_forced_comes_after_the_KDCs) {
  Identity bob("bob", realm().name(), "bobpw");
  Credential credential = outbound(bob.unicode());
  EXPECT_STATUS(set(credential.get(), settings(url(), 0)), SEC_E_OK);
  EXPECT_EQ(accepted_as(credential), realm().qualified("bob"));
}

TEST_P(KdcProxies, server_whose_certificate_nobody_vouches_for_is_not_trusted) {
  Identity bob("bob", realm().name(), "bobpw");
  Credential credential = outbound(bob.unicode());
  const std::size_t before = messages();
  // The certificate is for "localhost".
  EXPECT_STATUS(set(credential.get(), settings(wide("https://127.0.0.1:" + shared_->port.text() + "/KdcProxy"))),
                SEC_E_OK);
  EXPECT_STATUS(first_leg(credential), SEC_E_NO_AUTHENTICATING_AUTHORITY);
  EXPECT_EQ(messages(), before);
}

TEST_P(KdcProxies, settings_that_are_none_are_refused) {
  Credential credential = outbound();
  const Bytes good = settings(url());
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_STATUS(set(credential.get(), Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length))),
                  SEC_E_INVALID_PARAMETER)
        << length;
  EXPECT_STATUS(set(credential.get(), settings(u"http://localhost/KdcProxy")), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(set(credential.get(), settings(u"local host")), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(set(credential.get(), settings(u"https:///KdcProxy")), SEC_E_INVALID_PARAMETER);
  Bytes version = good;
  version[0] = 2;
  EXPECT_STATUS(set(credential.get(), version), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(SetCredentialsAttributesA(credential.get(), SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, nullptr, 99),
                SEC_E_INVALID_PARAMETER);
}

TEST_P(KdcProxies, other_attributes_cannot_be_set_and_this_one_not_be_asked_for) {
  Credential credential = outbound();
  EXPECT_STATUS(set(credential.get(), settings(url()), SECPKG_CRED_ATTR_NAMES), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(set(credential.get(), settings(url()), SECPKG_CRED_ATTR_CERT), SEC_E_UNSUPPORTED_FUNCTION);
  CredHandle nothing{1, 2};
  EXPECT_STATUS(set(&nothing, settings(url())), SEC_E_INVALID_HANDLE);
  Bytes room(64);
  EXPECT_STATUS(QueryCredentialsAttributesW(credential.get(), SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, room.data()),
                SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(QueryCredentialsAttributesExA(credential.get(), SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, room.data(), 64),
                SEC_E_UNSUPPORTED_FUNCTION);
}

FOR_EACH_PACKAGE(KdcProxies);

}  // namespace
}  // namespace sspid::test
