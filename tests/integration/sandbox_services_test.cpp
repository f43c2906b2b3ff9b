// What code that has taken one service's worker over can get of another service, or of a user: they share a keytab, a
// state folder and a machine. Run by root, as a daemon that serves several identities is.
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <krb5/krb5.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actor.h"
#include "support/gss_peer.h"
#include "support/sanitizers.h"
#include "support/world.h"
#include "taken_over_worker.h"

namespace sspid::test {
namespace {

constexpr unsigned kUser = 1234, kOtherUser = 1235, kGroup = 4321;

// What a worker would inherit, were it not to give it up: root's capabilities are the daemon's anyway.
const std::vector<std::string> kMoreThanAWorkerHas{"prlimit", "--core=1048576:1048576", "setpriv", "--groups", "4,24"};

// Bytes as the command "find" takes them.
std::string inverted(const krb5_keyblock& key) {
  std::ostringstream digits;
  for (unsigned i = 0; i < key.length; ++i) {
    const unsigned byte = key.contents[i] ^ 0xFFU;
    digits << "0123456789abcdef"[byte >> 4] << "0123456789abcdef"[byte & 15];
  }
  return digits.str();
}

// The first key that a keytab has for a principal.
std::string key_of(const std::string& keytab, const std::string& principal) {
  krb5_context context = nullptr;
  krb5_principal wanted = nullptr;
  krb5_keytab file = nullptr;
  krb5_keytab_entry entry{};
  if (krb5_init_context(&context) != 0 || krb5_parse_name(context, principal.c_str(), &wanted) != 0 ||
      krb5_kt_resolve(context, ("FILE:" + keytab).c_str(), &file) != 0 ||
      krb5_kt_get_entry(context, file, wanted, 0, 0, &entry) != 0)
    throw std::runtime_error("no key of " + principal);
  std::string key = inverted(entry.key);
  krb5_free_keytab_entry_contents(context, &entry);
  krb5_kt_close(context, file);
  krb5_free_principal(context, wanted);
  krb5_free_context(context);
  return key;
}

class SandboxOfServices : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::geteuid(), 0U) << "only root's daemon serves several identities: run these tests as root";
    // One keytab for both, for root's eyes only.
    std::filesystem::copy_file(realm_.keytab(), keytab_);
    ASSERT_EQ(::chmod(keytab_.c_str(), 0600), 0);
    std::ofstream{directory_.file("sspid.json")}
        << "{\"services\": {" + service("web", "HTTP/localhost") + ", " + service("db", "postgres/localhost") + "}, "
        << kTakenOverPackages + '}';
    daemon_.emplace(
        with_taken_over(directory_, realm_.environment()),
        std::vector<std::string>{"--config", directory_.file("sspid.json"), "--state", directory_.file("state")},
        kMoreThanAWorkerHas);
    daemon_->expect_refusals();
  }

  std::string service(const std::string& name, const std::string& principal) {
    return '"' + name + R"(": {"socket": ")" + directory_.file(name + ".sock") + R"(", "accept": {"keytab": ")" +
           keytab_ + R"(", "principals": [")" + principal + R"("]}, "initiate": {}})";
  }

  Actor client_of(const std::string& name) {
    return Actor({.environment = {{"SSPI_SOCKET", directory_.file(name + ".sock")}}});
  }
  Actor user(unsigned uid) {
    return Actor(
        {.uid = uid, .gid = kGroup, .environment = {{"SSPI_SOCKET", daemon_->socket()}, {"KRB5CCNAME", "FILE:/none"}}});
  }

  // What the client's worker, taken over, tells of a command.
  static std::string does(Actor& client, const std::string& command) {
    EXPECT_EQ(client.status("acquire TakenOver outbound"), "SEC_E_OK");
    const Leg leg = ActingInitiator(client, target_for(command)).step({});
    return leg.state == Leg::State::more ? text_of(leg.token) : leg.status;
  }

  // The service at work: its keys are loaded, its replay cache has an entry.
  static void accept(Actor& client, const std::string& target) {
    ASSERT_EQ(client.status("acquire Kerberos inbound"), "SEC_E_OK");
    GssInitiator initiator({.target = target});
    ActingAcceptor acceptor(client);
    ASSERT_TRUE(shake_hands(initiator, acceptor).complete());
  }

  pid_t worker_of(const std::string& identity) { return daemon_->worker_of(identity); }

  Realm& realm_ = world().realm;
  Directory directory_;
  const std::string keytab_ = directory_.file("shared.keytab");
  std::optional<DaemonProcess> daemon_;
};

TEST_F(SandboxOfServices, keys_of_another_service_in_the_same_keytab_are_out_of_reach) {
  if (is_sanitized()) return;  // whoever reads all memory comes upon what sanitizers keep from being read
  Actor web = client_of("web"), db = client_of("db");
  accept(web, "HTTP@localhost");
  accept(db, "postgres@localhost");
  const std::string key_of_web = key_of(keytab_, realm_.qualified("HTTP/localhost"));
  const std::string key_of_db = key_of(keytab_, realm_.qualified("postgres/localhost"));
  EXPECT_EQ(does(web, "find " + key_of_web), "yes") << "its own is there, so what is there is found";
  EXPECT_EQ(does(web, "find " + key_of_db), "no");
  EXPECT_EQ(does(db, "find " + key_of_web), "no");
  EXPECT_EQ(does(web, "read " + keytab_), "EACCES");
}

TEST_F(SandboxOfServices, replay_cache_of_another_service_is_neither_read_nor_written) {
  Actor web = client_of("web"), db = client_of("db");
  accept(web, "HTTP@localhost");
  accept(db, "postgres@localhost");
  const std::string caches = directory_.file("state/rcache/");
  EXPECT_EQ(does(web, "list " + caches + "service.web"), "0");
  EXPECT_EQ(does(web, "write " + caches + "service.web/mine"), "10");
  EXPECT_EQ(does(web, "list " + caches + "service.db"), "EACCES");
  EXPECT_EQ(does(web, "write " + caches + "service.db/not-mine"), "EACCES");
  EXPECT_EQ(does(web, "list " + caches), "EACCES");
  for (const auto& file : std::filesystem::directory_iterator(caches + "service.db"))
    EXPECT_EQ(does(web, "read " + file.path().string()), "EACCES") << file;
  EXPECT_EQ(does(web, "write /tmp/sspid-sandbox-test"), "EACCES");
}

TEST_F(SandboxOfServices, worker_of_another_identity_cannot_be_looked_into_or_touched) {
  Actor web = client_of("web"), db = client_of("db"), somebody = user(kUser);
  accept(db, "postgres@localhost");
  EXPECT_EQ(does(web, "read /etc/shadow"), "EACCES");
  EXPECT_EQ(does(somebody, "read /etc/shadow"), "EACCES");
  for (const pid_t other : {worker_of("service db"), worker_of("user " + std::to_string(kUser)), daemon_->pid(),
                            somebody.process().pid()}) {
    const std::string pid = std::to_string(other), proc = "/proc/" + pid;
    for (const char* file : {"/mem", "/environ", "/maps", "/fd/3", "/fd/7"})
      EXPECT_EQ(does(web, "read " + proc + file), "EACCES") << proc << file;
    EXPECT_EQ(does(web, "signal " + pid + " 9"), "EPERM");
    EXPECT_EQ(does(web, "prlimit " + pid), "EPERM");
  }
}

TEST_F(SandboxOfServices, user_is_not_helped_to_what_another_user_has) {
  const Directory tickets;  // directory_ may be read by all workers: the file of mechanisms is there
  const std::string mine = tickets.file("mine"), theirs = tickets.file("theirs");
  for (const auto& [cache, owner] : {std::pair{mine, kUser}, std::pair{theirs, kOtherUser}}) {
    realm_.kinit("bob", "bobpw", cache);
    ASSERT_EQ(::chown(cache.c_str(), owner, kGroup), 0);
  }
  Actor somebody = user(kUser), web = client_of("web");
  EXPECT_EQ(does(somebody, "read " + mine), "EACCES") << "caches come as descriptors";
  EXPECT_EQ(does(somebody, "read " + theirs), "EACCES");
  EXPECT_EQ(does(somebody, "write " + mine), "EACCES") << "a ticket cache is never written to";
  EXPECT_EQ(does(somebody, "signal " + std::to_string(somebody.process().pid()) + " 9"), "EPERM")
      << "its user's own processes";
  ASSERT_EQ(::chmod(mine.c_str(), 0644), 0);
  EXPECT_EQ(does(web, "read " + mine), "EACCES") << "a service has nothing to look for there";
}

TEST_F(SandboxOfServices, keyrings_are_for_users) {
  Actor web = client_of("web"), somebody = user(kUser);
  const std::string get_session_keyring = "call " + std::to_string(SYS_keyctl) + " 0 -3 0";
  EXPECT_EQ(does(web, get_session_keyring), "EPERM");
  EXPECT_NE(does(somebody, get_session_keyring), "EPERM");
}

// ---- As the kernel tells it, from outside

void expect_no_rights(pid_t worker) {
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    EXPECT_EQ(status_of(worker, set), "0000000000000000") << set;
  EXPECT_EQ(status_of(worker, "NoNewPrivs"), "1");
  EXPECT_EQ(status_of(worker, "Seccomp"), "2") << "by a filter";
  EXPECT_EQ(status_of(worker, "Groups").find_first_not_of(' '), std::string::npos) << status_of(worker, "Groups");
}

// Real, effective, saved and of the file system.
void expect_ids(pid_t worker, unsigned uid, unsigned gid) {
  const auto four_of = [](unsigned id) {
    const std::string text = std::to_string(id);
    return text + '\t' + text + '\t' + text + '\t' + text;
  };
  EXPECT_EQ(status_of(worker, "Uid"), four_of(uid));
  EXPECT_EQ(status_of(worker, "Gid"), four_of(gid));
}

void expect_closed_to_debuggers(pid_t worker) {
  const std::string proc = "/proc/" + std::to_string(worker);
  EXPECT_TRUE(std::regex_search(read_text(proc + "/limits"), std::regex("Max core file size +0 +0 ")));
  if (is_sanitized()) return;  // the leak checker looks into its own process, which is dumpable for that
  struct stat status {};
  ASSERT_EQ(::stat((proc + "/mem").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 0U) << "it is its user's, where the process is dumpable";
  EXPECT_EQ(status.st_gid, 0U);
}

TEST_F(SandboxOfServices, worker_of_a_service_has_no_rights_but_its_uid) {
  EXPECT_NE(status_of(daemon_->pid(), "CapBnd"), "0000000000000000");
  EXPECT_EQ(status_of(daemon_->pid(), "Groups"), "4 24 ");
  Actor web = client_of("web");
  accept(web, "HTTP@localhost");
  const pid_t worker = worker_of("service web");
  expect_no_rights(worker);
  expect_ids(worker, 60'800, 60'800);
  expect_closed_to_debuggers(worker);
}

TEST_F(SandboxOfServices, worker_of_a_user_has_no_rights_but_the_users_uid_and_primary_group) {
  const passwd* account = ::getpwnam("games");
  ASSERT_NE(account, nullptr) << "Debian's base-passwd has this user, whose group has another number";
  const uid_t uid = account->pw_uid;
  const gid_t gid = account->pw_gid;
  ASSERT_NE(gid, kGroup) << "the client's, which is not asked for";
  Actor client = user(uid);
  EXPECT_EQ(client.status("packages"), "SEC_E_OK");
  const pid_t worker = worker_of("user " + std::to_string(uid));
  expect_no_rights(worker);
  expect_ids(worker, uid, gid);
  expect_closed_to_debuggers(worker);
}

// ---- As it tries, from inside

TEST_F(SandboxOfServices, no_id_is_regained) {
  Actor web = client_of("web"), root = user(0);
  for (Actor* each : {&web, &root}) {
    for (const char* id : {"0", "1234", "60800", "60801"})
      EXPECT_EQ(does(*each, std::string("setuid ") + id), "EPERM") << id;
    EXPECT_EQ(does(*each, "exec /bin/true"), "EPERM");
  }
}

}  // namespace
}  // namespace sspid::test
