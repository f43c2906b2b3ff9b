#include "daemon/supervisor/peer.h"

#include <array>
#include <filesystem>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sspid::supervisor {
namespace {

TEST(Peer, is_whom_the_kernel_names) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  const proto::Descriptor ours{pair[0]};
  const proto::Descriptor theirs{pair[1]};
  for (const FindProcess find : {FindProcess::by_descriptor, FindProcess::by_number}) {
    const auto peer = peer_of(ours.get(), find);
    ASSERT_TRUE(peer);
    EXPECT_EQ(peer->uid, ::getuid());
    EXPECT_EQ(peer->gid, ::getgid());
    EXPECT_EQ(peer->pid, ::getpid());
    EXPECT_EQ(peer->executable, std::filesystem::read_symlink("/proc/self/exe"));
  }
}

// Where the kernel gives no descriptor of the peer: a number may be another process's by now.
TEST(Peer, process_found_by_its_number_has_the_uid_of_the_peer) {
  EXPECT_TRUE(process_of(::getpid(), ::geteuid()));
  EXPECT_FALSE(process_of(::getpid(), ::geteuid() + 1)) << "also where it is root's";
  EXPECT_FALSE(process_of(-1, ::geteuid()));
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  constexpr uid_t kOther = 60'800;
  std::array<int, 2> done{}, changed{};
  ASSERT_EQ(::pipe2(done.data(), O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(changed.data(), O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte = 0;
    ::close(done[1]);
    if (::setuid(kOther) != 0 || ::write(changed[1], &byte, 1) != 1) ::_exit(1);
    ::_exit(::read(done[0], &byte, 1) == 0 ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(::read(changed[0], &byte, 1), 1);
  EXPECT_TRUE(process_of(child, kOther)) << "its folder in /proc is root's, since it is not dumpable";
  EXPECT_FALSE(process_of(child, 0));
  for (const int end : {done[0], done[1], changed[0], changed[1]}) ::close(end);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
}

TEST(Peer, has_the_groups_that_it_had) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  const proto::Descriptor ours{pair[0]};
  const proto::Descriptor theirs{pair[1]};
  std::vector<gid_t> groups(static_cast<std::size_t>(::getgroups(0, nullptr)));
  ASSERT_EQ(::getgroups(static_cast<int>(groups.size()), groups.data()), static_cast<int>(groups.size()));
  EXPECT_EQ(groups_of(ours.get()), groups);
  EXPECT_TRUE(groups_of(-1).empty());
}

// With a pid namespace of its own, where its pid means something else.
TEST(Peer, of_another_pid_namespace_has_neither_unit_nor_executable) {
  std::array<int, 2> pair{};
  const int kind = SOCK_STREAM | SOCK_CLOEXEC;
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const proto::Descriptor listener{::socket(AF_UNIX, kind, 0)};
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address.sun_family), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  ASSERT_EQ(::pipe2(pair.data(), O_CLOEXEC), 0);
  const pid_t helper = ::fork();
  if (helper == 0) {
    if (::unshare(CLONE_NEWPID) != 0 && (::unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0)) ::_exit(1);
    const pid_t inside = ::fork();
    if (inside == 0) {
      const int client = ::socket(AF_UNIX, SOCK_STREAM, 0);
      if (::connect(client, reinterpret_cast<sockaddr*>(&address), size) != 0) ::_exit(1);
      char byte = 0;
      ::close(pair[1]);
      ::_exit(::read(pair[0], &byte, 1) == 0 ? 0 : 1);  // lives until the test has looked
    }
    int status = 1;
    ::close(pair[1]);
    ::waitpid(inside, &status, 0);
    ::_exit(WEXITSTATUS(status));
  }
  ::close(pair[0]);
  const proto::Descriptor accepted{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  const auto peer = peer_of(accepted.get());
  ::close(pair[1]);
  int status = 1;
  ASSERT_EQ(::waitpid(helper, &status, 0), helper);
  ASSERT_EQ(WEXITSTATUS(status), 0);
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->unit, "");
  EXPECT_EQ(peer->executable, "");
}

TEST(Peer, unit_is_the_outermost) {
  EXPECT_EQ(unit_in("0::/system.slice/apache2.service\n"), "apache2.service");
  EXPECT_EQ(unit_in("12:cpu:/\n1:name=systemd:/system.slice/a.service/child\n0::/\n"), "a.service");
  EXPECT_EQ(unit_in("0::/user.slice/user-1000.slice/user@1000.service/app.slice/apache2.service\n"),
            "user@1000.service")
      << "what a user's own systemd calls its units is the user's choice";
  EXPECT_EQ(unit_in("0::/user.slice/user-0.slice/session-3.scope\n"), "session-3.scope");
  EXPECT_EQ(unit_in("0::/system.slice\n"), "");
  EXPECT_EQ(unit_in("0::/\n"), "");
  EXPECT_EQ(unit_in(""), "");
}

TEST(Peer, is_nobody_where_there_is_no_socket) { EXPECT_EQ(peer_of(-1), std::nullopt); }

}  // namespace
}  // namespace sspid::supervisor
