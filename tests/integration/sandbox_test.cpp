// What code that has taken a worker over can do, and what not. The daemon, its worker and all walls around it are those
// of every other test.
#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "context_pair.h"
#include "support/sanitizers.h"
#include "support/world.h"
#include "taken_over_worker.h"

namespace sspid::test {
namespace {

// "2026-11-30T17:14:06.123+00:00"
std::chrono::system_clock::time_point time_of(const std::string& text) {
  std::tm parts{};
  EXPECT_EQ(::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) - text.c_str(), 19) << text;
  EXPECT_EQ(text.substr(23), "+00:00");
  return std::chrono::system_clock::from_time_t(::timegm(&parts)) +
         std::chrono::milliseconds{std::stoi(text.substr(20))};
}

class Sandbox : public ::testing::Test {
 protected:
  Sandbox() : intruder_(world_.realm) {}

  std::string does(const std::string& command) { return intruder_.does(command); }
  std::string does(const std::string& verb, long number, const std::string& rest = {}) {
    return does(verb + ' ' + std::to_string(number) + ' ' + rest);
  }

  // A file that everybody may read and write.
  std::string open_file(const std::string& name, const std::string& text) {
    const std::string path = directory_.file(name);
    std::ofstream{path} << text;
    ::chmod(path.c_str(), 0666);
    return path;
  }

  World& world_ = world();  // its worker is another one, of the same user
  Directory directory_;
  TakenOverWorker intruder_;
};

// ---- Files

TEST_F(Sandbox, reads_neither_passwords_nor_what_libraries_have_no_use_for) {
  EXPECT_EQ(does("read /etc/shadow"), "EACCES");
  EXPECT_NE(does("read /etc/hosts"), "EACCES");
  // The rest is anybody's to read: but for the walls, it would.
  for (const char* place : {"/", "/proc", "/root", "/home", "/var/lib", "/var/log", "/boot", "/dev"})
    EXPECT_EQ(does(std::string("list ") + place), "EACCES") << place;
  EXPECT_EQ(does("read /proc/1/status"), "EACCES");
  EXPECT_EQ(does("read /proc/uptime"), "EACCES");
}

TEST_F(Sandbox, writes_into_its_replay_cache_and_nowhere_else) {
  EXPECT_EQ(does("write " + world_.realm.file("rcache/mine")), "10");
  const std::string open = open_file("open-to-all", "as it was");
  EXPECT_EQ(does("write " + open), "EACCES");
  for (const char* place : {"/tmp", "/var/tmp", "/dev/shm", "/usr", "/etc", "/run"})
    EXPECT_EQ(does(std::string("write ") + place + "/sspid-sandbox-test"), "EACCES") << place;
  EXPECT_EQ(read_text(open), "as it was");
}

TEST_F(Sandbox, changes_no_mode_owner_name_or_directory) {
  const std::string mine = world_.realm.file("rcache/mine");
  EXPECT_EQ(does("write " + mine), "10");
  EXPECT_EQ(does("chmod " + mine), "EPERM");
  for (const long call : {SYS_fchownat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_mkdirat, SYS_mknodat,
                          SYS_unlinkat, SYS_utimensat, SYS_setxattr, SYS_truncate, SYS_chdir})
    EXPECT_EQ(does("call", call), "EPERM") << call;
}

// ---- Others, of the same user: nothing but the walls is between them

class SandboxAndOthers : public Sandbox {
 protected:
  const std::array<pid_t, 3> others_{world_.daemon.worker(), world_.daemon.pid(), intruder_.daemon().pid()};
};

TEST_F(SandboxAndOthers, cannot_look_into_another_worker_or_the_supervisor) {
  for (const pid_t other : others_) {
    const std::string proc = "/proc/" + std::to_string(other);
    for (const char* file :
         {"/mem", "/environ", "/maps", "/status", "/cmdline", "/fd/0", "/fd/3", "/fd/4", "/root/etc/shadow"})
      EXPECT_EQ(does("read " + proc + file), "EACCES") << proc << file;
    EXPECT_EQ(does("list " + proc + "/fd"), "EACCES");
  }
}

TEST_F(SandboxAndOthers, cannot_signal_or_limit_another_process) {
  for (const pid_t other : others_) {
    EXPECT_EQ(does("signal", other, "0"), "EPERM");
    EXPECT_EQ(does("signal", other, "9"), "EPERM");
    EXPECT_EQ(does("queue", other), "EPERM");
    EXPECT_EQ(does("setown", other), "EPERM");
    EXPECT_EQ(does("prlimit", other), "EPERM");
    EXPECT_EQ(does("call", SYS_tkill, std::to_string(other)), "EPERM");
    EXPECT_EQ(does("call", SYS_pidfd_open, std::to_string(other)), "EPERM");
    EXPECT_EQ(does("call", SYS_setpriority, "0 " + std::to_string(other)), "EPERM");
  }
  EXPECT_EQ(does("signal", -1, "9"), "EPERM") << "everybody";
  EXPECT_EQ(does("signal", 0, "9"), "EPERM") << "its group";
}

TEST_F(SandboxAndOthers, may_signal_and_limit_itself) {
  const pid_t itself = intruder_.daemon().worker();
  EXPECT_EQ(does("signal", itself, "0"), "0");
  EXPECT_EQ(does("prlimit", itself), "0");
  EXPECT_EQ(does("prlimit", 0), "0");
  EXPECT_EQ(intruder_.refusals(), 0U);
}

// ---- Itself

TEST_F(Sandbox, regains_no_id_runs_no_program_and_stays_closed_to_debuggers) {
  EXPECT_EQ(does("setuid", 0), "EPERM");
  EXPECT_EQ(does("setuid", 1), "EPERM");
  for (const long call : {SYS_setuid, SYS_setgid, SYS_setresgid, SYS_setgroups, SYS_setfsuid, SYS_capset})
    EXPECT_EQ(does("call", call), "EPERM") << call;
  EXPECT_EQ(does("exec /bin/true"), "EPERM");
  EXPECT_EQ(does("call", SYS_execveat), "EPERM");
  if (is_sanitized()) return;  // whose runtimes look at their own process in ways that others may not
  EXPECT_EQ(does("fork"), "EPERM");
  EXPECT_EQ(does("dumpable"), "EPERM");
}

TEST_F(Sandbox, makes_no_memory_executable_and_writes_to_none_that_is) {
  EXPECT_EQ(does("code"), "EPERM");
  EXPECT_EQ(does("write /proc/self/mem"), "EACCES") << "the kernel would write to code, too";
}

TEST_F(Sandbox, C_library_that_asks_for_clone3_is_told_to_use_clone) {
  EXPECT_EQ(does("call", SYS_clone3), "ENOSYS");
  EXPECT_EQ(intruder_.refusals(), 0U);
}

TEST_F(Sandbox, refused_calls_are_told_once_each_with_name_and_arguments) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(does("call", SYS_getsid, "171 172 173"), "EPERM");
  EXPECT_EQ(does("setuid", 0), "EPERM");
  EXPECT_EQ(intruder_.refusals(), 2U);
  const std::string log = intruder_.daemon().log();
  EXPECT_NE(log.find("the sandbox refused system call " + std::to_string(SYS_getsid) + " getsid(0xab, 0xac, 0xad)"),
            std::string::npos)
      << log;
}

TEST_F(Sandbox, refused_calls_are_JSON_where_the_log_is) {
  TakenOverWorker other{world_.realm, {}, {"--log-format", "json"}};
  const auto before = std::chrono::system_clock::now() - std::chrono::seconds{1};
  EXPECT_EQ(other.does("call " + std::to_string(SYS_getsid) + " 171 172 173"), "EPERM");
  EXPECT_EQ(other.refusals(), 1U);
  nlohmann::json refusal;
  std::istringstream log{other.daemon().log()};
  for (std::string line; std::getline(log, line);)
    if (nlohmann::json one = nlohmann::json::parse(line); std::string(one.at("message")).starts_with("the sandbox"))
      refusal = std::move(one);
  EXPECT_EQ(refusal.at("message"),
            "the sandbox refused system call " + std::to_string(SYS_getsid) + " getsid(0xab, 0xac, 0xad)");
  EXPECT_EQ(refusal.at("level"), "warn");
  EXPECT_EQ(refusal.at("role"), "worker");
  EXPECT_EQ(refusal.at("process"), other.daemon().worker());
  EXPECT_GE(time_of(refusal.at("time")), before);
  EXPECT_LE(time_of(refusal.at("time")), std::chrono::system_clock::now());
}

// What no worker has any use for ends it, before the kernel looks at the arguments; the next one serves.
class DeadlyCall : public Sandbox, public ::testing::WithParamInterface<const char*> {};

TEST_P(DeadlyCall, ends_the_worker_that_makes_it) {
  const pid_t worker = intruder_.daemon().worker();
  const std::string victim = std::to_string(world_.daemon.worker());
  static_cast<void>(does(std::string(GetParam()) + ' ' + victim));
  await("the end of the worker", [&] { return has_ended(worker); });
  await("the log to say why",
        [&] { return intruder_.daemon().log().find("signal 31 (Bad system call)") != std::string::npos; });
  EXPECT_EQ(does("prlimit", 0), "0") << "the next worker serves";
  EXPECT_FALSE(has_ended(world_.daemon.worker()));
}

const std::string kBpf = "call " + std::to_string(SYS_bpf);
const std::string kUnshare = "call " + std::to_string(SYS_unshare);
const std::string kMount = "call " + std::to_string(SYS_mount);
const std::string kGetFd = "call " + std::to_string(SYS_pidfd_getfd);
const std::string kIoUring = "call " + std::to_string(SYS_io_uring_setup);

INSTANTIATE_TEST_SUITE_P(Kernel, DeadlyCall,
                         ::testing::Values("memory", kBpf.c_str(), kUnshare.c_str(), kMount.c_str(), kGetFd.c_str(),
                                           kIoUring.c_str()));
// LeakSanitizer stops the process's threads by it.
INSTANTIATE_TEST_SUITE_P(Debugger, DeadlyCall,
                         ::testing::ValuesIn(is_sanitized() ? std::vector<const char*>{} : std::vector{"ptrace"}));

// ---- The network

TEST_F(Sandbox, reaches_a_kdc_over_tcp_and_udp) {
  const proto::Descriptor kdc{::socket(AF_INET, SOCK_STREAM, 0)};
  const proto::Descriptor name_server{::socket(AF_INET, SOCK_DGRAM, 0)};
  const auto port_of = [](const proto::Descriptor& socket) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    return std::to_string(ntohs(address.sin_port));
  };
  const std::string tcp = port_of(kdc);
  ASSERT_EQ(::listen(kdc.get(), 1), 0);
  EXPECT_EQ(does("tcp 127.0.0.1 " + tcp), "0");

  const std::string udp = port_of(name_server);
  const timeval patience{kPatience.count(), 0};
  ::setsockopt(name_server.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const std::jthread echo([&] {
    std::array<char, 16> bytes;
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t got =
        ::recvfrom(name_server.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0) return;
    ::sendto(name_server.get(), bytes.data(), static_cast<std::size_t>(got), 0, reinterpret_cast<sockaddr*>(&from),
             size);
  });
  EXPECT_EQ(does("udp 127.0.0.1 " + udp), "5");
  EXPECT_EQ(intruder_.refusals(), 0U);
}

TEST_F(Sandbox, reaches_sockets_by_their_path_but_not_abstract_ones) {
  const auto listening = [](const std::string& name) {
    proto::Descriptor socket{::socket(AF_UNIX, SOCK_STREAM, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0) << name;
    EXPECT_EQ(::listen(socket.get(), 1), 0);
    if (name[0] != '@') ::chmod(name.c_str(), 0666);
    return socket;
  };
  // As sssd's and Heimdal's KCM listen in /run, which a test leaves alone.
  const std::string path = directory_.file("kcm");
  const auto kcm = listening(path);
  EXPECT_EQ(does("unix " + path), "0");
  EXPECT_EQ(intruder_.refusals(), 0U);

  const std::string abstract = '@' + directory_.file("abstract");
  const auto foreign = listening(abstract);
  const bool knows_abstract_sockets = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) >= 6;
  EXPECT_EQ(does("unix " + abstract), knows_abstract_sockets ? "EPERM" : "0");
}

TEST_F(Sandbox, opens_no_other_kind_of_socket_and_listens_on_none) {
  const auto socket = [&](int family, int type, int protocol) {
    return does("socket", family, std::to_string(type) + ' ' + std::to_string(protocol));
  };
  EXPECT_EQ(socket(AF_INET6, SOCK_STREAM, 0), "0");
  EXPECT_EQ(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), "0");
  EXPECT_EQ(intruder_.refusals(), 0U);
  EXPECT_EQ(socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT), "EPERM");
  EXPECT_EQ(socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT), "EPERM");
  EXPECT_EQ(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), "EPERM");
  EXPECT_EQ(socket(AF_PACKET, SOCK_DGRAM, 0), "EPERM");
  EXPECT_EQ(socket(AF_ALG, SOCK_SEQPACKET, 0), "EPERM");
  EXPECT_EQ(socket(AF_VSOCK, SOCK_STREAM, 0), "EPERM");
  const std::string listening = does("listen 127.0.0.1 0");
  EXPECT_TRUE(listening == "EPERM" || listening == "EACCES") << listening;
}

// ---- Nothing of all this is in the way of what a worker is for

TEST_F(Sandbox, libraries_find_names_and_users) {
  EXPECT_EQ(does("resolve localhost"), "0");
  EXPECT_EQ(does("user root"), "0");
  EXPECT_EQ(does("user no-such-user-anywhere"), "nobody");
  EXPECT_EQ(intruder_.refusals(), 0U);
}

TEST_F(Sandbox, contexts_are_made_beside_an_intruder) {
  EXPECT_EQ(does("exec /bin/true"), "EPERM");
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);
  exchange(pair.client, pair.server);
}

}  // namespace
}  // namespace sspid::test
