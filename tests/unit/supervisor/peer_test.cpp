#include "daemon/supervisor/peer.h"

#include <array>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sspid::supervisor {
namespace {

TEST(Peer, is_whom_the_kernel_names) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  const proto::Descriptor ours{pair[0]};
  const proto::Descriptor theirs{pair[1]};
  EXPECT_EQ(peer_of(ours.get()), (Peer{::getuid(), ::getgid(), ::getpid()}));
}

TEST(Peer, is_nobody_where_there_is_no_socket) { EXPECT_EQ(peer_of(-1), std::nullopt); }

}  // namespace
}  // namespace sspid::supervisor
