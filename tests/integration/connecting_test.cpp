// Which daemon a program talks to, in the order of docs/connecting.md, with the true places of the system's socket and
// files: in a mount namespace, where this test has a /run and an /etc of its own. Only root can do all of it.
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "support/daemon.h"
#include "support/realm.h"

namespace sspid::test {
namespace {

constexpr uid_t kStranger = 65534;

void must_succeed(int result, const std::string& what) {
  if (result != 0) throw std::system_error(errno, std::generic_category(), what);
}

// What programs need of /etc, as it is here.
const std::vector<std::string> kNeeded{"passwd", "group", "nsswitch.conf", "ld.so.cache"};

void mount_fresh(const char* path) {
  must_succeed(::mount("tmpfs", path, "tmpfs", 0, "mode=755"), std::string("mount ") + path);
  struct statfs mounted {};
  must_succeed(::statfs(path, &mounted), "statfs");
  if (mounted.f_type != TMPFS_MAGIC) throw std::runtime_error(std::string(path) + " is not ours");
}

// Empty file systems of its own over /run and /etc, for this process and those that it starts; /etc gets copies of the
// few files. What the machine has there is out of reach from then on: nothing here is bound to it, and nothing here
// takes a file away that is not in a test's own directory.
void make_places_of_our_own() {
  must_succeed(::unshare(CLONE_NEWNS), "unshare");
  must_succeed(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "private mounts");
  std::map<std::string, std::string> copies;
  for (const std::string& name : kNeeded) copies[name] = read_text("/etc/" + name);
  mount_fresh("/etc");
  for (const auto& [name, text] : copies) std::ofstream("/etc/" + name, std::ios::binary) << text;
  mount_fresh("/run");
}

// What all cases share. Each daemon offers other packages.
struct Stage {
  Stage() { make_places_of_our_own(); }

  std::string configuration(const std::string& package) const {
    const std::string path = directory.file(package + ".json");
    std::ofstream(path) << R"({"packages": {"offer": [")" << package << R"("]}})";
    return path;
  }

  Directory directory;
  Realm realm;
  DaemonProcess kerberos{realm.environment(), {"--config", configuration("Kerberos")}};
  DaemonProcess negotiate{realm.environment(), {"--config", configuration("Negotiate")}};
};

class Connecting : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (::geteuid() == 0) stage_ = new Stage;
  }
  static void TearDownTestSuite() { delete std::exchange(stage_, nullptr); }

  void SetUp() override {
    if (stage_ == nullptr) GTEST_SKIP() << "only root can have a /run and an /etc of its own";
    // Fresh ones over those of the case before.
    mount_fresh("/run");
    std::filesystem::create_directory("/etc/sspid");
    mount_fresh("/etc/sspid");
    std::filesystem::create_directories("/run/user/0");
  }

  // The places that daemons have; what listens there is one of the stage.
  static void put_system(const DaemonProcess& daemon) {
    std::filesystem::create_directories("/run/sspid");
    std::filesystem::create_symlink(daemon.socket(), "/run/sspid/sspid.sock");
  }
  static void put_user(const DaemonProcess& daemon) {
    std::filesystem::create_symlink(daemon.socket(), "/run/user/0/sspid.sock");
  }
  static void write(const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  Environment environment() const {
    return with(stage_->realm.environment(), {{"XDG_RUNTIME_DIR", "/run/user/0"},
                                              {"XDG_CONFIG_HOME", home_.path()},
                                              {"SSPI_CONNECT_TIMEOUT", "0"},
                                              {"SSPI_DAEMON", built_program("sspid")}});
  }

  std::string answer(const Environment& more = {}) const {
    return run({built_program("connecting_program")}, with(environment(), more)).output;
  }

  void expect_unreachable(const std::string& words, const Environment& more = {}) const {
    EXPECT_EQ(answer(more), "80090304 " + words + "\n");
  }

  // The same program, with more rights than its caller.
  std::string privileged_answer(const Environment& more = {}) const {
    const std::string program = home_.file("privileged");
    std::filesystem::copy_file(built_program("connecting_program"), program,
                               std::filesystem::copy_options::overwrite_existing);
    must_succeed(::chown(program.c_str(), 0, kStranger), "chown");
    must_succeed(::chmod(program.c_str(), 02755), "chmod");
    return run({program}, with(environment(), more)).output;
  }

  static inline Stage* stage_ = nullptr;
  Directory home_;
};

const std::string kKerberos = "Kerberos\n";
const std::string kNegotiate = "Negotiate\n";

TEST_F(Connecting, system_s_daemon_comes_before_the_user_s) {
  put_user(stage_->negotiate);
  EXPECT_EQ(answer(), kNegotiate) << "there is no other";
  put_system(stage_->kerberos);
  EXPECT_EQ(answer(), kKerberos);
}

TEST_F(Connecting, E_142_user_s_daemon_is_no_substitute_for_one_that_is_down) {
  put_user(stage_->negotiate);
  std::filesystem::create_directories("/run/sspid");
  expect_unreachable("sspid does not answer at /run/sspid/sspid.sock: No such file or directory");
  {
    Process killed({.command = {built_program("connecting_program"), "listen", "/run/sspid/sspid.sock"},
                    .output = home_.file("output")});
    await(
        "a server", [&] { return read_text(home_.file("output")) == "listening\n"; }, &killed);
    killed.kill();
  }
  expect_unreachable("sspid does not answer at /run/sspid/sspid.sock: Connection refused");
}

TEST_F(Connecting, E_142_nothing_is_started_where_nobody_answers) {
  expect_unreachable("sspid does not answer at /run/user/0/sspid.sock: No such file or directory");
}

TEST_F(Connecting, E_142_daemon_that_is_down_is_waited_for_and_comes_back) {
  put_user(stage_->negotiate);
  std::filesystem::create_directories("/run/sspid");
  Process program({.command = {built_program("connecting_program")},
                   .environment = with(environment(), {{"SSPI_CONNECT_TIMEOUT", "60"}}),
                   .output = home_.file("output")});
  put_system(stage_->kerberos);
  EXPECT_EQ(program.wait(), 0);
  EXPECT_EQ(read_text(home_.file("output")), kKerberos);
}

TEST_F(Connecting, stranger_is_not_talked_to_and_nobody_else_instead) {
  put_user(stage_->negotiate);
  std::filesystem::create_directories("/run/sspid");
  must_succeed(::chown("/run/sspid", kStranger, kStranger), "chown");
  Process stranger({.command = {"setpriv", "--reuid", std::to_string(kStranger), "--clear-groups",
                                built_program("connecting_program"), "listen", "/run/sspid/sspid.sock"},
                    .output = home_.file("output")});
  await(
      "a server", [&] { return read_text(home_.file("output")) == "listening\n"; }, &stranger);
  // At once: waiting would make no other of him.
  expect_unreachable("who listens at /run/sspid/sspid.sock is neither root nor this user",
                     {{"SSPI_CONNECT_TIMEOUT", "3600"}});
}

TEST_F(Connecting, daemon_that_is_named_comes_before_all) {
  put_system(stage_->kerberos);
  write("/etc/sspid/client.conf", "socket = " + stage_->negotiate.socket() + "\n");
  EXPECT_EQ(answer(), kNegotiate);
  write(home_.path() / "sspid/client.conf", "socket = " + stage_->kerberos.socket() + "\n");
  EXPECT_EQ(answer(), kKerberos);
  EXPECT_EQ(answer({{"SSPI_SOCKET", stage_->negotiate.socket()}}), kNegotiate);
  expect_unreachable("sspid does not answer at /nonexistent: No such file or directory",
                     {{"SSPI_SOCKET", "/nonexistent"}});
}

TEST_F(Connecting, daemon_of_its_own_is_what_a_program_gets_that_names_it) {
  put_system(stage_->kerberos);
  const std::string everything = answer({{"SSPI_SOCKET", "embedded:"}});
  EXPECT_TRUE(everything.starts_with("Negotiate Kerberos")) << everything;
  write("/etc/sspid/client.conf", "socket = embedded:\n");
  EXPECT_EQ(answer(), everything);
}

TEST_F(Connecting, file_with_a_mistake_is_no_way_to_another_daemon) {
  put_system(stage_->kerberos);
  write("/etc/sspid/client.conf", "\nsokcet = embedded:\n");
  expect_unreachable("/etc/sspid/client.conf:2: the keys are socket and connect_timeout");
}

TEST_F(Connecting, program_with_more_rights_than_its_caller_believes_the_system_only) {
  put_user(stage_->negotiate);
  write(home_.path() / "sspid/client.conf", "socket = " + stage_->negotiate.socket() + "\n");
  const Environment named{{"SSPI_SOCKET", stage_->negotiate.socket()}};
  const std::string nobody =
      "secure 80090304 sspid does not answer at /run/sspid/sspid.sock: No such file or directory\n";
  write("/etc/sspid/client.conf", "connect_timeout = 0\n");
  EXPECT_EQ(privileged_answer(named), nobody);
  put_system(stage_->kerberos);
  EXPECT_EQ(privileged_answer(named), "secure " + kKerberos);
  EXPECT_EQ(privileged_answer({{"SSPI_SOCKET", "embedded:"}}), "secure " + kKerberos);
  write("/etc/sspid/client.conf", "socket = embedded:\n");
  EXPECT_EQ(privileged_answer(), "secure " + kKerberos) << "a daemon of its own would have the caller's environment";
  write("/etc/sspid/client.conf", "socket = " + stage_->negotiate.socket() + "\n");
  EXPECT_EQ(privileged_answer(), "secure " + kNegotiate) << "what the administrator names";
}

}  // namespace
}  // namespace sspid::test
