// An answer arrives as its pieces in order, however little the socket takes at a time.
#include "daemon/worker/frame_writer.h"

#include <algorithm>

#include <limits.h>

#include "socket_pair.h"

namespace sspid::worker {
namespace {

using test::FrameBytes;

// Pieces of the sizes 0, 1, 2 … that together are one pattern.
struct Pieces {
  FrameBytes all;
  std::vector<iovec> parts;

  Pieces(std::size_t count, std::size_t largest) {
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i < count; ++i) sizes.push_back(i % (largest + 1));
    for (const std::size_t size : sizes)
      for (std::size_t i = 0; i < size; ++i) all.push_back(static_cast<std::byte>(all.size() * 31 + all.size() / 256));
    std::byte* at = all.data();
    for (const std::size_t size : sizes) {
      parts.push_back({at, size});
      at += size;
    }
  }
};

FrameBytes drain(const proto::Descriptor& socket, std::size_t at_most) {
  FrameBytes bytes(at_most);
  const auto got = ::recv(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return bytes;
}

TEST(FrameWriter, sends_all_pieces_in_one_call_where_they_fit) {
  const test::SocketPair pair;
  const Pieces pieces{100, 50};
  FrameWriter writer{pair.daemon.get(), pieces.parts};
  EXPECT_EQ(writer.advance(), FrameWriter::Outcome::sent);
  EXPECT_EQ(drain(pair.client, 100'000), pieces.all);
}

TEST(FrameWriter, nothing_to_send_is_sent) {
  const test::SocketPair pair;
  EXPECT_EQ((FrameWriter{pair.daemon.get(), {}}.advance()), FrameWriter::Outcome::sent);
  const Pieces empty{3, 0};
  EXPECT_EQ((FrameWriter{pair.daemon.get(), empty.parts}.advance()), FrameWriter::Outcome::sent);
  EXPECT_TRUE(drain(pair.client, 1).empty());
}

TEST(FrameWriter, sends_more_pieces_than_one_call_may_have) {
  const test::SocketPair pair;
  const Pieces pieces{3 * IOV_MAX + 1, 3};
  FrameWriter writer{pair.daemon.get(), pieces.parts};
  EXPECT_EQ(writer.advance(), FrameWriter::Outcome::sent);
  EXPECT_EQ(drain(pair.client, 100'000), pieces.all);
}

TEST(FrameWriter, goes_on_where_the_socket_stopped_taking) {
  const test::SocketPair pair;
  const int smallest = 1;
  ASSERT_EQ(::setsockopt(pair.daemon.get(), SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest), 0);
  const Pieces pieces{400, 1000};
  FrameWriter writer{pair.daemon.get(), pieces.parts};
  FrameBytes got;
  int waits = 0;
  for (auto outcome = writer.advance(); outcome != FrameWriter::Outcome::sent; outcome = writer.advance()) {
    ASSERT_EQ(outcome, FrameWriter::Outcome::wait);
    ++waits;
    const auto more = drain(pair.client, 777);
    got.insert(got.end(), more.begin(), more.end());
  }
  EXPECT_GT(waits, 1);
  while (got.size() < pieces.all.size()) {
    const auto more = drain(pair.client, 777);
    ASSERT_FALSE(more.empty());
    got.insert(got.end(), more.begin(), more.end());
  }
  EXPECT_TRUE(got == pieces.all);
}

TEST(FrameWriter, client_that_has_left_is_gone) {
  test::SocketPair pair;
  pair.client.reset();
  const Pieces pieces{3, 3};
  EXPECT_EQ((FrameWriter{pair.daemon.get(), pieces.parts}.advance()), FrameWriter::Outcome::gone);
}

}  // namespace
}  // namespace sspid::worker
