// A daemon that serves services and users, in a realm that all cases of an executable share; each case has a daemon
// with a configuration of its own, and actors in processes of their own. Run by root, as such a daemon is.
#pragma once

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "actor.h"
#include "support/daemon.h"
#include "support/gss_peer.h"
#include "support/realm.h"

namespace sspid::test {

/// Ends with the last case.
inline Realm& realm() {
  static Realm* only = new Realm;
  return *only;
}

class EndOfRealm : public ::testing::Environment {
 public:
  void TearDown() override { delete &realm(); }
};
inline const auto* const the_end_of_the_realm = ::testing::AddGlobalTestEnvironment(new EndOfRealm);

constexpr unsigned kGroup = 4321;

class Served : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::geteuid(), 0U) << "only root's daemon serves several identities: run these tests as root";
    realm().enter();
  }

  /// What stands in {} of "services", and what follows it.
  void start(const std::string& services, const std::string& rest = {}, const std::vector<std::string>& options = {},
             const std::vector<std::string>& prefix = {}) {
    write(services, rest);
    std::vector<std::string> arguments{"--config", directory_.file("sspid.json"), "--state", directory_.file("state")};
    arguments.insert(arguments.end(), options.begin(), options.end());
    daemon_.emplace(realm().environment(), arguments, prefix);
  }

  void write(const std::string& services, const std::string& rest = {}) {
    std::ofstream{directory_.file("sspid.json")} << "{\"services\": {" << services << "}" << rest << "}";
  }

  void reload(const std::string& expected = "the configuration was read again") {
    const std::size_t before = daemon_->log().size();
    ::kill(daemon_->pid(), SIGHUP);
    try {
      await(expected, [&] { return daemon_->log().find(expected, before) != std::string::npos; });
    } catch (const std::exception& failure) {
      throw std::runtime_error(failure.what() + ('\n' + daemon_->log()));
    }
  }

  [[nodiscard]] std::string keytab(const std::string& principals) const {
    return R"("accept": {"keytab": ")" + realm().keytab() + R"(", "principals": [)" + principals + "]}";
  }
  [[nodiscard]] std::string client_keytab(const std::string& rest) const {
    return R"("initiate": {"client_keytab": ")" + realm().keytab() + '"' + rest + "}";
  }
  [[nodiscard]] std::string socket(const std::string& name) const {
    return R"("socket": ")" + directory_.file(name) + '"';
  }

  /// Of everybody's socket, or of the one of that name.
  [[nodiscard]] Actor actor(unsigned uid, const std::string& name = {}, unsigned gid = kGroup) const {
    return Actor({.uid = uid,
                  .gid = gid,
                  .environment = {{"SSPI_SOCKET", name.empty() ? daemon_->socket() : directory_.file(name)},
                                  {"KRB5CCNAME", "FILE:" + realm().cache()}}});
  }

  [[nodiscard]] static Handshake log_on_to(Actor& server, const std::string& target) {
    GssInitiator client({.target = target});
    ActingAcceptor acceptor(server);
    return shake_hands(client, acceptor);
  }

  [[nodiscard]] std::string log() const { return daemon_->log(); }

  /// Of "service web" or "user 1234". Throws where it has none.
  [[nodiscard]] pid_t worker_of(const std::string& identity) const { return daemon_->worker_of(identity); }

  Directory directory_;
  std::optional<DaemonProcess> daemon_;
};

}  // namespace sspid::test
