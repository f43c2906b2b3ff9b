// A set-up that is broken in one way, and the doctor's word of it: what is wrong, and how to mend it.
#include <algorithm>
#include <fstream>
#include <optional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/sanitizers.h"
#include "support/world.h"

namespace sspid::test {
namespace {

using nlohmann::json;

/// Each test has a realm of its own to break.
class Doctor : public ::testing::Test {
 protected:
  [[nodiscard]] std::string socket() const {
    return daemon_ ? daemon_->socket() : realm_.directory().file("no-daemon");
  }
  void start(std::vector<std::string> arguments = {}) { daemon_.emplace(realm_.environment(), std::move(arguments)); }

  /// What it says, as JSON; the exit status must fit.
  [[nodiscard]] json examine(std::vector<std::string> more = {}, const Environment& environment = {},
                             std::vector<std::string> before = {}) const {
    std::vector<std::string> command = std::move(before);
    for (const std::string& word :
         {built_program("sspictl"), std::string("--socket"), socket(), std::string("--timeout"), std::string("2"),
          std::string("--json"), std::string("doctor")})
      command.push_back(word);
    command.insert(command.end(), more.begin(), more.end());
    const Result result = run(command, with(realm_.environment(), environment));
    json findings = json::parse(result.output, nullptr, false);
    if (!findings.is_array()) throw std::runtime_error(result.output);
    const bool wrong = std::any_of(findings.begin(), findings.end(),
                                   [](const json& finding) { return finding.at("state") == "wrong"; });
    EXPECT_EQ(result.status, wrong ? 1 : 0) << result.output;
    return findings;
  }

  /// This check finds this, and says how to mend it.
  static void expect_wrong(const json& findings, const std::string& id, const std::string& words) {
    for (const json& finding : findings) {
      if (finding.at("id") != id || finding.at("state") != "wrong") continue;
      if (finding.at("finding").get<std::string>().find(words) == std::string::npos) continue;
      EXPECT_FALSE(finding.at("remedy").get<std::string>().empty()) << finding;
      return;
    }
    ADD_FAILURE() << "no finding of " << id << " with \"" << words << "\" in\n" << findings.dump(1);
  }

  static void expect_well(const json& findings, const std::string& id) {
    bool found = false;
    for (const json& finding : findings) {
      if (finding.at("id") != id) continue;
      found = true;
      EXPECT_NE(finding.at("state"), "wrong") << finding;
    }
    EXPECT_TRUE(found) << id;
  }

  void write(const std::string& file, const std::string& text) const { std::ofstream(realm_.file(file)) << text; }

  Realm realm_;
  std::optional<DaemonProcess> daemon_;
};

TEST_F(Doctor, finds_nothing_where_all_is_well) {
  start();
  const json findings = examine();
  for (const json& finding : findings) {
    EXPECT_NE(finding.at("state"), "wrong") << finding;
    EXPECT_NE(finding.at("state"), "skipped") << finding;
  }
  for (const char* id : {"daemon", "policy", "workers", "mechanisms", "replay-cache", "krb5.conf", "realm", "kdc",
                         "clock", "tickets", "keytab", "principal", "keys"})
    expect_well(findings, id);
}

TEST_F(Doctor, speaks_to_people_in_lines) {
  realm_.stop_kdc();
  const Result result =
      run({built_program("sspictl"), "--socket", socket(), "--timeout", "0.1", "doctor"}, realm_.environment());
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.output.find("WRONG    kdc"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("mend it:"), std::string::npos) << result.output;
}

TEST_F(Doctor, daemon_that_does_not_run) { expect_wrong(examine(), "daemon", "no daemon on " + socket()); }

TEST_F(Doctor, keytab_that_is_not_there) {
  expect_wrong(examine({"--keytab", realm_.file("none")}), "keytab", "none cannot be read: No such file");
}

TEST_F(Doctor, keytab_that_this_user_cannot_read) {
  const std::string path = realm_.file("secret.keytab");
  realm_.write_keytab("host/localhost", path);
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  std::vector<std::string> before;
  if (::getuid() == 0)
    before = {"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"};
  else
    ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  expect_wrong(examine({"--keytab", path}, {}, before), "keytab", "Permission denied");
}

TEST_F(Doctor, keytab_that_is_none) {
  write("garbage", "this is no keytab");
  expect_wrong(examine({"--keytab", realm_.file("garbage")}), "keytab", "garbage cannot be read");
}

TEST_F(Doctor, principal_that_no_keytab_has) {
  expect_wrong(examine({"--principal", "HTTP/www.example.test"}), "principal",
               "no keytab has keys of HTTP/www.example.test@EXAMPLE.TEST");
}

TEST_F(Doctor, principal_that_the_kdc_does_not_know) {
  realm_.add_service("gone/localhost");
  realm_.write_keytab("gone/localhost", realm_.file("gone.keytab"));
  realm_.remove("gone/localhost");
  expect_wrong(examine({"--keytab", realm_.file("gone.keytab")}), "keys", "does not know gone/localhost");
}

TEST_F(Doctor, keys_of_an_earlier_version) {
  realm_.change_keys("host/localhost");
  const json findings = examine();
  expect_wrong(findings, "keys", "is not the KDC's for host/localhost@EXAMPLE.TEST: the KDC uses key version 2");
}

TEST_F(Doctor, keys_of_an_earlier_version_without_any_tickets) {
  realm_.change_keys("host/localhost");
  const json findings = examine({}, {{"KRB5CCNAME", "FILE:" + realm_.file("no-cache")}});
  expect_wrong(findings, "keys", "no key of host/localhost@EXAMPLE.TEST that the KDC takes");
}

TEST_F(Doctor, keys_of_another_enctype) {
  const std::string path = realm_.file("other.keytab");
  realm_.add_service("other/localhost");
  realm_.kadmin("ktadd -norandkey -k " + realm_.file("all.keytab") + " other/localhost\n");
  // Of all its keys the keytab keeps one that the KDC does not use first.
  run_or_throw({"ktutil"}, realm_.environment(),
               "rkt " + realm_.file("all.keytab") + "\ndelent 1\ndelent 1\nwkt " + path + "\nq\n");
  expect_wrong(examine({"--keytab", path}), "keys", "enctypes of other/localhost@EXAMPLE.TEST do not match");
}

TEST_F(Doctor, key_of_the_same_version_that_is_another) {
  // The principal was made anew: its keys begin with version 1 again.
  const std::string path = realm_.file("anew.keytab");
  realm_.add_service("anew/localhost");
  realm_.write_keytab("anew/localhost", path);
  realm_.remove("anew/localhost");
  realm_.add_service("anew/localhost");
  expect_wrong(examine({"--keytab", path}), "keys", "has another key of anew/localhost@EXAMPLE.TEST than the KDC");
}

TEST_F(Doctor, kdc_that_cannot_be_reached) {
  realm_.stop_kdc();
  const json findings = examine();
  expect_wrong(findings, "kdc", "no KDC of EXAMPLE.TEST answers");
  expect_well(findings, "realm");
}

TEST_F(Doctor, realm_that_nobody_knows) {
  const json findings = examine({"--principal", "host/localhost@NOWHERE.TEST"});
  expect_wrong(findings, "realm", "realm NOWHERE.TEST is not known here");
}

TEST_F(Doctor, clock_that_is_wrong) {
  if (is_sanitized()) return;  // libfaketime and the sanitizers both want to be the first library
  const json findings = examine({}, {}, {"faketime", "-f", "+20m"});
  expect_wrong(findings, "clock", "behind of this host's clock, more than the 300 s");
}

TEST_F(Doctor, clock_that_is_a_little_off) {
  if (is_sanitized()) return;
  expect_well(examine({}, {}, {"faketime", "-f", "+1m"}), "clock");
}

TEST_F(Doctor, tickets_that_have_expired) {
  realm_.kinit("alice", "alicepw", realm_.file("short"), {"-l", "1s"});
  const Environment environment{{"KRB5CCNAME", "FILE:" + realm_.file("short")}};
  await("the tickets to expire", [&] {
    return run({"klist", "-s"}, with(realm_.environment(), environment)).status != 0;
  });
  expect_wrong(examine({}, environment), "tickets", "the tickets of alice@EXAMPLE.TEST expired");
}

TEST_F(Doctor, replay_cache_that_the_worker_cannot_write_to) {
  ASSERT_EQ(::chmod(realm_.file("rcache").c_str(), 0555), 0);
  start();
  expect_wrong(examine(), "replay-cache", "cannot write to its replay cache");
}

TEST_F(Doctor, replay_cache_that_is_not_there) {
  expect_wrong(examine({"--replay-cache", realm_.file("no-such")}), "replay-cache", "No such file or directory");
}

TEST_F(Doctor, configuration_that_the_worker_cannot_read) {
  if (::getuid() != 0) GTEST_SKIP() << "only root's worker is another user";
  start();
  ASSERT_EQ(::chmod(realm_.file("krb5.conf").c_str(), 0600), 0);
  expect_wrong(examine(), "krb5.conf", "cannot read " + realm_.file("krb5.conf"));
}

TEST_F(Doctor, configuration_that_is_broken) {
  write("broken.conf", "[libdefaults\n default_realm = EXAMPLE.TEST\n");
  expect_wrong(examine({}, {{"KRB5_CONFIG", realm_.file("broken.conf")}}), "krb5.conf",
               "Kerberos' configuration cannot be used");
}

TEST_F(Doctor, mechanism_that_is_missing) {
  write("sspid.json", R"({ "packages": { "offer": ["Kerberos", "NTLM"] } })");
  start({"--config", realm_.file("sspid.json")});
  const json findings = examine();
  expect_wrong(findings, "mechanisms", "package NTLM is offered to own user");
}

TEST_F(Doctor, client_that_matches_no_policy) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  start();
  const json findings = examine({}, {}, {"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"});
  expect_wrong(findings, "policy", "user 65534 matches no policy");
  // The administrator sees that somebody was turned away.
  const json of_root = examine();
  EXPECT_TRUE(std::any_of(of_root.begin(), of_root.end(), [](const json& finding) {
    return finding.at("id") == "policy" && finding.at("state") == "note" &&
           finding.at("finding").get<std::string>().find("connections were refused") != std::string::npos;
  })) << of_root.dump(1);
}

TEST_F(Doctor, worker_that_is_stuck) {
  start();
  const pid_t worker = daemon_->worker();
  freeze(worker);
  const json findings = examine();
  ::kill(worker, SIGCONT);
  expect_wrong(findings, "workers", "no answer from worker " + std::to_string(worker));
}

TEST_F(Doctor, enctype_that_krb5_conf_does_not_permit) {
  realm_.kadmin("addprinc -randkey -e aes128-cts-hmac-sha256-128:normal old/localhost\n");
  realm_.write_keytab("old/localhost", realm_.file("old.keytab"));
  std::string configuration = read_text(realm_.file("krb5.conf"));
  configuration.replace(configuration.find("[libdefaults]\n"), 14,
                        "[libdefaults]\n    permitted_enctypes = aes256-cts-hmac-sha1-96\n");
  write("strict.conf", configuration);
  const json findings = examine({"--keytab", realm_.file("old.keytab")}, {{"KRB5_CONFIG", realm_.file("strict.conf")}});
  expect_wrong(findings, "keys", "enctypes");
}

}  // namespace
}  // namespace sspid::test
