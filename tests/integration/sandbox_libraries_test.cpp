// What libraries do late, inside the sandbox: look for a KDC in DNS, load sssd's modules, read a configuration that has
// changed. Nothing of it may make a system call that is refused.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "context_pair.h"
#include "own_network.h"
#include "support/world.h"
#include "taken_over_worker.h"

namespace sspid::test {
namespace {

// The realm's KDC runs in that network, too.
World& world_of_its_own() {
  static OwnNetwork network;
  return world();
}

class SandboxedLibraries : public ::testing::Test {
 protected:
  SandboxedLibraries() : configuration_(read_text(realm_.file("krb5.conf"))), daemon_(realm_) {}
  ~SandboxedLibraries() override {
    configure(configuration_);
    EXPECT_EQ(daemon_.refusals(), 0U) << daemon_.daemon().log();
  }

  // As editors and configuration management do it: the old file is replaced, not written to. libkrb5 tells files apart
  // by the second of their last change.
  void configure(const std::string& text) {
    static int changes = 0;
    std::ofstream{realm_.file("krb5.conf.new")} << text;
    std::filesystem::last_write_time(realm_.file("krb5.conf.new"),
                                     std::filesystem::file_time_type::clock::now() + std::chrono::seconds(++changes));
    std::filesystem::rename(realm_.file("krb5.conf.new"), realm_.file("krb5.conf"));
  }

  // The configuration, which must hold this, with something else in its place.
  [[nodiscard]] std::string configuration_with(const std::string& other, const std::string& in_place_of) const {
    const std::size_t at = configuration_.find(in_place_of);
    if (at == std::string::npos) throw std::runtime_error("krb5.conf has no " + in_place_of);
    return std::string(configuration_).replace(at, in_place_of.size(), other);
  }

  [[nodiscard]] std::string kdc_address() const {
    const std::string before = " kdc = ";
    const std::size_t at = configuration_.find(before) + before.size();
    return configuration_.substr(at, configuration_.find('\n', at) - at);
  }
  [[nodiscard]] std::uint16_t kdc_port() const {
    return static_cast<std::uint16_t>(std::stoi(kdc_address().substr(kdc_address().find(':') + 1)));
  }

  // libkrb5 looks at most once a second whether its configuration has changed.
  [[nodiscard]] bool can_log_on() {
    try {
      log_on_and_talk();
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  }

  // A user logs on and reaches a service: two exchanges with a KDC.
  void log_on_and_talk() {
    Identity alice("alice", realm_.name(), "alicepw");
    Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND, alice.unicode());
    Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
    ContextPair pair(outbound, inbound);
    exchange(pair.client, pair.server);
  }

  Realm& realm_ = world_of_its_own().realm;
  const std::string configuration_;
  TakenOverWorker daemon_;
};

TEST_F(SandboxedLibraries, find_the_kdc_in_DNS) {
  NameServer dns;
  dns.add_service("_kerberos._tcp." + realm_.name() + '.', kdc_port());
  log_on_and_talk();
  EXPECT_TRUE(dns.questions().empty()) << "the configuration names a KDC";

  const std::string without_kdc = configuration_with("", " kdc = " + kdc_address());
  configure(without_kdc);
  await("a realm of which nobody names a KDC", [this] { return !can_log_on(); });

  std::string with_dns = without_kdc;
  const std::string off = "dns_lookup_kdc = false";
  configure(with_dns.replace(with_dns.find(off), off.size(), "dns_lookup_kdc = true"));
  await("a KDC that DNS names", [this] { return can_log_on(); });
  const auto questions = dns.questions();
  EXPECT_NE(std::find(questions.begin(), questions.end(), "_kerberos._tcp.example.test."), questions.end());
}

TEST_F(SandboxedLibraries, find_the_kdc_by_the_module_of_sssd) {
  std::ofstream{OwnNetwork::sssd_file("kdcinfo." + realm_.name())} << kdc_address() << '\n';
  configure(configuration_with("", " kdc = " + kdc_address()));
  log_on_and_talk();
  EXPECT_EQ(daemon_.does("loaded sssd_krb5_locator_plugin.so"), "yes");
  std::filesystem::remove(OwnNetwork::sssd_file("kdcinfo." + realm_.name()));
}

TEST_F(SandboxedLibraries, read_what_sssd_writes_into_the_directory_that_a_changed_configuration_includes) {
  std::filesystem::create_directories(OwnNetwork::sssd_file("krb5.include.d"));
  std::ofstream{OwnNetwork::sssd_file("krb5.include.d/kdc")}
      << "[realms]\n" + realm_.name() + " = {\n kdc = " + kdc_address() + "\n}\n";
  configure("includedir " + OwnNetwork::sssd_file("krb5.include.d") + "\n" +
            configuration_with("", " kdc = " + kdc_address()));
  log_on_and_talk();
}

TEST_F(SandboxedLibraries, ask_sssd_for_users) {
  EXPECT_EQ(daemon_.does("user no-such-user-anywhere"), "nobody");
  EXPECT_EQ(daemon_.does("loaded libnss_sss.so"), "yes");
}

TEST_F(SandboxedLibraries, ask_name_servers_for_hosts) {
  NameServer dns;
  dns.add_service("_service.test.", 1);
  EXPECT_EQ(daemon_.does("resolve kdc._service.test"), "0");
  EXPECT_NE(daemon_.does("resolve nobody.test"), "0");
  EXPECT_FALSE(dns.questions().empty());
}

}  // namespace
}  // namespace sspid::test
