// Users' ticket caches of every type, with programs of users, of a service and of root: who gets whose tickets, and
// that nobody writes where they are kept. A real KDC, a real keeper of caches (sssd_kcm), the kernel's keyrings.
#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actor.h"
#include "support/gss_peer.h"
#include "support/kcm.h"
#include "support/world.h"

namespace sspid::test {
namespace {

constexpr unsigned kUser = 1234;
constexpr unsigned kOther = 1235;
constexpr unsigned kWeb = 33;  // a service, matched by its uid
constexpr unsigned kGroup = 4321;

const std::string kTarget = "host/localhost";

/// What all cases share.
struct Scene {
  Directory directory;
  std::string socket_of_kcm = directory.file("kcm.sock");
  Realm realm{{.permitted_enctypes = {}, .libdefaults = "    kcm_socket = " + socket_of_kcm + '\n'}};
  Kcm kcm{socket_of_kcm};
  std::optional<DaemonProcess> daemon;

  Scene() {
    realm.enter();
    std::ofstream(directory.file("sspid.json"))
        << R"({"services": {"web": {"match": {"user": "33"}, "initiate": {}}}, "users": {}})";
    daemon.emplace(realm.environment(), std::vector<std::string>{"--config", directory.file("sspid.json"), "--state",
                                                                 directory.file("state")});
  }
};

Scene* the_scene = nullptr;
Scene& scene() {
  if (the_scene == nullptr) the_scene = new Scene;
  return *the_scene;
}

class EndOfScene : public ::testing::Environment {
 public:
  void TearDown() override { delete the_scene; }
};
const auto* const the_end = ::testing::AddGlobalTestEnvironment(new EndOfScene);

std::string content_and_times(const std::filesystem::path& place) {
  struct stat status {};
  EXPECT_EQ(::stat(place.c_str(), &status), 0) << place;
  std::ostringstream text;
  text << place << ' ' << status.st_ino << ' ' << status.st_mtim.tv_sec << '.' << status.st_mtim.tv_nsec << '\n';
  if (S_ISREG(status.st_mode)) text << read_text(place) << '\n';
  return text.str();
}

/// Whoever runs programs, and where they keep their tickets.
class User {
 public:
  explicit User(unsigned uid) : uid_(uid) {
    if (::chown(home_.path().c_str(), uid_, kGroup) != 0) throw std::runtime_error("chown");
  }
  User(const User&) = delete;
  User& operator=(const User&) = delete;
  ~User() {
    for (const std::string& cache : used_) (void)attempt({"kdestroy", "-A", "-q"}, cache);
  }

  [[nodiscard]] std::string file(const std::string& name) const { return home_.file(name); }
  [[nodiscard]] unsigned uid() const { return uid_; }

  /// A cache of this type that nobody else has.
  [[nodiscard]] std::string cache(const std::string& type) const {
    if (type == "FILE") return "FILE:" + file("cc");
    if (type == "DIR") return "DIR:" + file("caches");
    if (type == "KCM") return "KCM:";
    if (type == "KEYRING:user") return "KEYRING:user:sspid-test";
    return type + ':' + std::to_string(uid_);
  }

  void kinit(const std::string& cache, const std::string& principal) {
    must({"kinit", principal}, cache, principal + "pw\n");
    used_.push_back(cache);
  }
  void kdestroy(const std::string& cache) { must({"kdestroy", "-q"}, cache); }
  std::string must(const std::vector<std::string>& command, const std::string& cache, const std::string& input = {}) {
    return run_or_throw(as_this_user(command), environment(cache), input);
  }

  /// Everything in the cache or collection, as its owner sees it, and of files also their bytes and times.
  [[nodiscard]] std::string look_at(const std::string& cache) {
    std::string all = attempt({"klist", "-A", "-e", "-f"}, cache).output;
    if (!cache.starts_with("FILE:") && !cache.starts_with("DIR:")) return all;
    const std::filesystem::path place = cache.substr(cache.find('/'));
    std::vector<std::filesystem::path> entries{place};
    if (std::filesystem::is_directory(place))
      for (const auto& entry : std::filesystem::directory_iterator(place)) entries.push_back(entry.path());
    std::sort(entries.begin(), entries.end());
    for (const auto& entry : entries) all += content_and_times(entry);
    return all;
  }

  /// A program of this user.
  [[nodiscard]] Actor program(const std::string& cache, std::vector<std::string> launcher = {}) const {
    return Actor({.uid = uid_,
                  .gid = kGroup,
                  .environment = {{"SSPI_SOCKET", scene().daemon->socket()}, {"KRB5CCNAME", cache}},
                  .launcher = std::move(launcher)});
  }

 private:
  [[nodiscard]] std::vector<std::string> as_this_user(const std::vector<std::string>& command) const {
    std::vector<std::string> all{"setpriv",        "--reuid", std::to_string(uid_), "--regid", std::to_string(kGroup),
                                 "--clear-groups", "--"};
    all.insert(all.end(), command.begin(), command.end());
    return all;
  }
  [[nodiscard]] static Environment environment(const std::string& cache) {
    return with(scene().realm.environment(), {{"KRB5CCNAME", cache}});
  }
  [[nodiscard]] Result attempt(const std::vector<std::string>& command, const std::string& cache) const {
    return run(as_this_user(command), environment(cache));
  }

  unsigned uid_;
  Directory home_;
  std::vector<std::string> used_;
};

std::string acquire(Actor& program, const std::string& principal = {}) {
  return program.status("acquire Kerberos outbound " + principal);
}

void expect_tickets_of(const std::string& owner, Actor& program, const std::string& wanted = {}) {
  ASSERT_EQ(acquire(program, wanted), "SEC_E_OK") << program.value("why");
  EXPECT_EQ(program.value("name"), scene().realm.qualified(owner));
}

void expect_log_on(Actor& program) {
  GssAcceptor server;
  ActingInitiator client(program, kTarget);
  const Handshake handshake = shake_hands(client, server);
  EXPECT_TRUE(handshake.complete()) << handshake.initiator.status;
}

void expect_refusal(Actor& program, const std::string& status, const std::string& words) {
  for (const std::string package : {"Kerberos", "Negotiate"}) {
    EXPECT_EQ(program.status("acquire " + package + " outbound"), status);
    const std::string why = program.value("why");
    EXPECT_NE(why.find(words), std::string::npos) << why;
  }
}

class TicketCaches : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::geteuid(), 0U) << "only root's daemon serves several users: run these tests as root";
  }
};

// ---- Each type ----

class EachType : public TicketCaches, public ::testing::WithParamInterface<const char*> {
 protected:
  User user_{kUser};
  const std::string cache_ = user_.cache(GetParam());
};

std::string name_of(const ::testing::TestParamInfo<const char*>& type) {
  std::string name = type.param;
  std::replace(name.begin(), name.end(), ':', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(, EachType, ::testing::Values("FILE", "DIR", "KEYRING:persistent", "KEYRING:user", "KCM"),
                         name_of);

TEST_P(EachType, is_good_to_log_on_with_and_is_left_as_it_was) {
  user_.kinit(cache_, "alice");
  const std::string before = user_.look_at(cache_);
  ASSERT_NE(before.find("krbtgt/"), std::string::npos) << before;
  Actor program = user_.program(cache_);
  for (const std::string package : {"Kerberos", "Negotiate"}) {
    ASSERT_EQ(program.status("acquire " + package + " outbound"), "SEC_E_OK") << program.value("why");
    EXPECT_EQ(program.value("name"), scene().realm.qualified("alice"));
    expect_log_on(program);
  }
  EXPECT_EQ(user_.look_at(cache_), before);
}

TEST_P(EachType, kinit_and_kdestroy_take_effect_at_the_next_acquisition) {
  Actor program = user_.program(cache_);
  EXPECT_EQ(acquire(program), "SEC_E_NO_CREDENTIALS");
  user_.kinit(cache_, "alice");
  expect_tickets_of("alice", program);
  user_.kdestroy(cache_);
  EXPECT_EQ(acquire(program), "SEC_E_NO_CREDENTIALS") << program.value("why");
  user_.kinit(cache_, "bob");
  expect_tickets_of("bob", program);
}

TEST_P(EachType, credential_outlives_its_cache) {
  user_.kinit(cache_, "alice");
  Actor program = user_.program(cache_);
  expect_tickets_of("alice", program);
  user_.kdestroy(cache_);
  expect_log_on(program);
}

// ---- Collections ----

class EachCollection : public EachType {
 protected:
  void SetUp() override {
    EachType::SetUp();
    user_.kinit(cache_, "alice");
    user_.kinit(cache_, "bob");
  }

  /// The name of the one cache with tickets of this principal.
  [[nodiscard]] std::string subsidiary_of(const std::string& principal) {
    std::istringstream lines(user_.must({"klist", "-l"}, cache_));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string owner, name;
      words >> owner >> name;
      // Long principals and names are cut for the table: the one line per cache begins with whole ones here.
      if (owner == scene().realm.qualified(principal)) return name;
    }
    throw std::runtime_error("klist lists no cache of " + principal);
  }
};

INSTANTIATE_TEST_SUITE_P(, EachCollection, ::testing::Values("DIR", "KEYRING:persistent", "KEYRING:user", "KCM"),
                         name_of);

TEST_P(EachCollection, has_the_cache_of_each_principal_that_is_asked_for) {
  Actor program = user_.program(cache_);
  const std::string before = user_.look_at(cache_);
  for (const std::string principal : {"alice", "bob"})
    for (const std::string& spelling : {principal, scene().realm.qualified(principal)}) {
      expect_tickets_of(principal, program, spelling);
      expect_log_on(program);
    }
  for (const std::string stranger : {"carol", "alice@OTHER.TEST", "alice/admin"})
    EXPECT_EQ(acquire(program, stranger), "SEC_E_NO_CREDENTIALS") << stranger;
  EXPECT_EQ(user_.look_at(cache_), before);
}

TEST_P(EachCollection, has_a_primary_cache_that_kswitch_chooses) {
  Actor program = user_.program(cache_);
  expect_tickets_of("bob", program);
  user_.must({"kswitch", "-p", "alice"}, cache_);
  expect_tickets_of("alice", program);
  user_.must({"kswitch", "-p", "bob"}, cache_);
  expect_tickets_of("bob", program);
}

TEST_P(EachCollection, one_of_its_caches_can_be_named) {
  Actor program = user_.program(subsidiary_of("alice"));
  expect_tickets_of("alice", program);
  expect_tickets_of("alice", program, "alice");
  EXPECT_EQ(acquire(program, "bob"), "SEC_E_NO_CREDENTIALS");
}

// Another session of the same user has earned tickets by a password; they are in the memory of the same process.
TEST_P(EachCollection, does_not_lend_tickets_that_another_program_has_earned) {
  Actor owner = user_.program("FILE:" + user_.file("none"));
  scene().realm.add_user("dave", "davepw");
  ASSERT_EQ(owner.status("acquire-as Kerberos dave " + scene().realm.name() + " davepw"), "SEC_E_OK");
  expect_log_on(owner);
  Actor program = user_.program(cache_);
  EXPECT_EQ(acquire(program, "dave"), "SEC_E_NO_CREDENTIALS");
  scene().realm.remove("dave");
}

// ---- Whose caches they are ----

TEST_F(TicketCaches, of_another_user_are_closed) {
  User owner(kOther), thief(kUser);
  for (const char* type : {"FILE", "DIR", "KEYRING:persistent"}) {
    const std::string cache = owner.cache(type);
    owner.kinit(cache, "alice");
    Actor program = thief.program(cache);
    const std::string status = acquire(program);
    EXPECT_TRUE(status == "SEC_E_NOT_OWNER" || status == "SEC_E_NO_CREDENTIALS") << type << ' ' << status;
  }
  const std::string kcm = owner.cache("KCM");
  owner.kinit(kcm, "alice");
  for (const std::string& name : {kcm, kcm + std::to_string(kOther)}) {
    Actor program = thief.program(name);
    EXPECT_EQ(acquire(program), "SEC_E_NO_CREDENTIALS") << name << ' ' << program.value("why");
  }
}

TEST_F(TicketCaches, of_root_come_as_files_only) {
  User root(0);
  for (const char* type : {"FILE", "DIR"}) {
    const std::string cache = root.cache(type);
    root.kinit(cache, "alice");
    const std::string before = root.look_at(cache);
    Actor program = root.program(cache);
    expect_tickets_of("alice", program);
    expect_log_on(program);
    EXPECT_EQ(root.look_at(cache), before);
  }
  for (const char* type : {"KEYRING:persistent", "KEYRING:user", "KCM"}) {
    const std::string cache = root.cache(type);
    root.kinit(cache, "alice");
    Actor program = root.program(cache);
    expect_refusal(program, "SEC_E_NOT_OWNER", "use FILE or DIR");
  }
}

TEST_F(TicketCaches, of_a_service_come_as_files_only) {
  User web(kWeb);
  for (const char* type : {"FILE", "DIR"}) {
    const std::string cache = web.cache(type);
    web.kinit(cache, "bob");
    Actor program = web.program(cache);
    expect_tickets_of("bob", program);
    expect_log_on(program);
  }
  const std::string cache = web.cache("KCM");
  web.kinit(cache, "bob");
  Actor program = web.program(cache);
  expect_refusal(program, "SEC_E_NOT_OWNER", "use FILE or DIR");
}

TEST_F(TicketCaches, that_only_the_program_itself_can_use_are_refused_in_words) {
  User user(kUser);
  for (const char* name : {"KEYRING:session:tickets", "KEYRING:process:tickets", "KEYRING:thread:tickets",
                           "KEYRING:tickets", "KEYRING:persistent"}) {
    Actor program = user.program(name);
    expect_refusal(program, "SEC_E_NOT_OWNER", "use KEYRING:persistent");
  }
  for (const char* name : {"MEMORY:sspid-0", "API:x", "unheard-of:x"}) {
    Actor program = user.program(name);
    expect_refusal(program, "SEC_E_NOT_OWNER", "only the program itself can read");
  }
}

TEST_F(TicketCaches, whose_keeper_is_away_hold_no_credential) {
  User user(kUser);
  const std::string cache = user.cache("KCM");
  user.kinit(cache, "alice");
  Actor program = user.program(cache);
  scene().kcm.stop();
  EXPECT_EQ(acquire(program), "SEC_E_NO_CREDENTIALS") << program.value("why");
  std::filesystem::remove(scene().socket_of_kcm);
  EXPECT_EQ(acquire(program), "SEC_E_NO_CREDENTIALS") << program.value("why");
  scene().kcm.start();
  expect_tickets_of("alice", program);
}

// ---- Directories ----

class Collection : public TicketCaches {
 protected:
  Collection() { ::umask(022); }

  void expect(const std::string& status, const std::string& name) {
    Actor program = user_.program(name);
    EXPECT_EQ(acquire(program), status) << name << ' ' << program.value("why");
  }

  User user_{kUser};
  const std::string folder_ = user_.file("caches");
};

TEST_F(Collection, that_does_not_exist_is_not_made) {
  expect("SEC_E_NO_CREDENTIALS", "DIR:" + folder_);
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(Collection, without_a_primary_has_the_first_cache_that_kinit_makes) {
  user_.kinit("DIR:" + folder_, "alice");
  std::filesystem::remove(folder_ + "/primary");
  expect("SEC_E_OK", "DIR:" + folder_);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/primary"));
}

TEST_F(Collection, whose_primary_leads_astray_holds_no_credential) {
  user_.kinit("DIR:" + folder_, "alice");
  std::filesystem::copy(folder_ + "/tkt", user_.file("tkt"));
  std::filesystem::copy(folder_ + "/tkt", folder_ + "/cache");
  for (const std::string primary : {"../tkt\n", "tkt/../tkt\n", "cache\n", "", "\n", "tktmissing\n"}) {
    std::ofstream(folder_ + "/primary", std::ios::trunc) << primary;
    expect("SEC_E_NO_CREDENTIALS", "DIR:" + folder_);
  }
  expect("SEC_E_NO_CREDENTIALS", "DIR::" + folder_ + "/cache");
}

// ---- Namespaces ----

/// Makes a place look otherwise for one program: as systemd does with PrivateTmp.
std::vector<std::string> with_private(const std::string& folder, const std::string& cache) {
  constexpr const char* kStage = R"(
    cp -p "$2" "$1/../aside" && mount -t tmpfs -o mode=1777 none "$1" && cp -p "$1/../aside" "$1/cc" && shift 2 &&
    exec "$@")";
  return {"unshare", "--mount", "--", "sh", "-c", kStage, "sh", folder, cache};
}

TEST_F(TicketCaches, are_those_of_the_programs_own_mount_namespace) {
  User user(kUser);
  const std::string tmp = user.file("tmp");
  std::filesystem::create_directory(tmp);
  std::filesystem::permissions(tmp, std::filesystem::perms::all);
  user.kinit("FILE:" + tmp + "/cc", "bob");
  user.kinit("FILE:" + user.file("inside"), "alice");
  Actor outside = user.program("FILE:" + tmp + "/cc");
  Actor inside = user.program("FILE:" + tmp + "/cc", with_private(tmp, user.file("inside")));
  expect_tickets_of("bob", outside);
  expect_tickets_of("alice", inside);
  expect_log_on(inside);
}

/// A root of its own, as a container has, with nothing of this one but programs and the daemon's socket.
std::vector<std::string> in_container(const std::string& root, const std::string& collection) {
  constexpr const char* kStage = R"(set -e
    root=$1 build=$2 sockets=$3 collection=$4
    shift 4
    mount -t tmpfs none "$root"
    for folder in /usr "$build"; do mkdir -p "$root$folder"; mount --rbind "$folder" "$root$folder"; done
    for link in bin lib lib64; do ln -s "usr/$link" "$root/$link"; done
    mkdir -p "$root/run/sspid"
    mount --bind "$sockets" "$root/run/sspid"
    cp -a "$collection" "$root/tickets"
    exec chroot "$root" "$@")";
  const std::filesystem::path programs = std::filesystem::path(built_program("sspid")).parent_path();
  const std::filesystem::path socket = scene().daemon->socket();
  return {"unshare", "--mount", "--", "sh", "-c", kStage, "sh", root, programs.parent_path(), socket.parent_path(),
          collection};
}

TEST_F(TicketCaches, are_those_of_the_programs_container) {
  User user(kUser);
  user.kinit("DIR:" + user.file("caches"), "bob");
  user.kinit("DIR:" + user.file("caches"), "alice");
  std::filesystem::create_directory(user.file("root"));
  Actor program({.uid = kUser,
                 .gid = kGroup,
                 .environment = {{"SSPI_SOCKET", "/run/sspid/sock"}, {"KRB5CCNAME", "DIR:/tickets"}},
                 .launcher = in_container(user.file("root"), user.file("caches"))});
  expect_tickets_of("alice", program);
  expect_tickets_of("bob", program, "bob");
  expect_log_on(program);
}

// ---- Names ----

TEST_F(TicketCaches, of_a_program_without_KRB5CCNAME_are_those_of_the_configuration) {
  Actor program({.uid = kUser, .gid = kGroup, .environment = {{"SSPI_SOCKET", scene().daemon->socket()}}});
  EXPECT_EQ(acquire(program), "SEC_E_NOT_OWNER") << "they are root's in this realm";
  const std::string why = program.value("why");
  EXPECT_NE(why.find(scene().realm.cache()), std::string::npos) << why;
}

TEST_F(TicketCaches, may_have_any_name_that_a_file_can_have) {
  User user(kUser);
  const std::string strange = user.file("\xFF:%{uid}");
  user.kinit("FILE:" + user.file("cc"), "alice");
  std::filesystem::rename(user.file("cc"), strange);
  Actor program = user.program("FILE:" + strange);
  expect_tickets_of("alice", program);
  Actor nowhere = user.program("KCM:\xFF");
  EXPECT_EQ(acquire(nowhere), "SEC_E_NO_CREDENTIALS");
  Actor too_long = user.program("KCM:" + std::string(10'000, 'x'));
  EXPECT_EQ(acquire(too_long), "SEC_E_NO_CREDENTIALS");
}

}  // namespace
}  // namespace sspid::test
