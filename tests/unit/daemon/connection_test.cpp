// A connection from the client's side, with the real core behind it.
#include "daemon/worker/connection.h"

#include <thread>

#include <fcntl.h>
#include <poll.h>

#include "socket_pair.h"

namespace sspid::worker {
namespace {

using test::FrameBytes;
using test::send_bytes;

constexpr std::size_t kConnections = 3;

FrameBytes framed(proto::Opcode opcode, std::uint32_t request, const flatbuffers::FlatBufferBuilder& table) {
  const auto header = proto::encode_header({.table = table.GetSize(), .request = request, .opcode = opcode});
  return test::joined({header, {reinterpret_cast<const std::byte*>(table.GetBufferPointer()), table.GetSize()}});
}

FrameBytes hello(std::uint32_t request = 1) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(proto::CreateHelloRequest(builder, 1, 1));
  return framed(proto::Opcode::Hello, request, builder);
}

FrameBytes ping(std::uint32_t request) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(proto::CreatePingRequest(builder));
  return framed(proto::Opcode::Ping, request, builder);
}

class ConnectionTest : public ::testing::Test {
 protected:
  ~ConnectionTest() override {
    loop_.context.stop();
    event_loop_.join();
  }

  proto::Descriptor connect(test::SocketPair pair = test::SocketPair{}) {
    asio::co_spawn(
        loop_.context,
        serve({worker_, connections_, rate_, loop_, pool_}, {.uid = 1, .gid = 2, .pid = 3}, std::move(pair.daemon)),
        asio::detached);
    return std::move(pair.client);
  }

  // The header of the next answer, whose rest is read too.
  static proto::FrameHeader answer(const proto::Descriptor& client) {
    const auto bytes = test::receive_bytes(client, proto::kHeaderSize);
    if (bytes.size() != proto::kHeaderSize) return {};
    const auto header =
        proto::decode_header(std::span<const std::byte, proto::kHeaderSize>{bytes.data(), proto::kHeaderSize});
    EXPECT_EQ(test::receive_bytes(client, header.body()).size(), header.body());
    return header;
  }

  static void expect_answer(const proto::Descriptor& client, proto::Opcode opcode, std::uint32_t request) {
    const auto header = answer(client);
    ASSERT_EQ(header.opcode, opcode);
    ASSERT_EQ(header.request, request);
    ASSERT_EQ(header.flags, proto::kReplyFlag);
  }

  static void expect_end(const proto::Descriptor& client) {
    char byte = 0;
    ASSERT_LE(::recv(client.get(), &byte, 1, 0), 0);
  }

  Worker worker_{Settings{}};
  Connections connections_{kConnections};
  RequestRate rate_;
  EventLoop loop_;
  WaitingThreads pool_{2};
  asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.context.get_executor()};
  std::thread event_loop_{[this] { loop_.context.run(); }};
};

TEST_F(ConnectionTest, calls_are_answered_in_their_order) {
  const auto client = connect();
  send_bytes(client, hello(1));
  expect_answer(client, proto::Opcode::Hello, 1);
  send_bytes(client, ping(2));
  expect_answer(client, proto::Opcode::Ping, 2);
}

TEST_F(ConnectionTest, pipelined_calls_are_answered_in_their_order) {
  const auto client = connect();
  FrameBytes all = hello(100);
  for (std::uint32_t i = 0; i < 50; ++i) all = test::joined({all, ping(i)});
  send_bytes(client, all);
  expect_answer(client, proto::Opcode::Hello, 100);
  for (std::uint32_t i = 0; i < 50; ++i) ASSERT_NO_FATAL_FAILURE(expect_answer(client, proto::Opcode::Ping, i));
}

TEST_F(ConnectionTest, calls_cut_at_every_place_are_answered) {
  const auto client = connect();
  send_bytes(client, hello());
  expect_answer(client, proto::Opcode::Hello, 1);
  const auto call = ping(9);
  for (std::size_t cut = 1; cut < call.size(); ++cut) {
    send_bytes(client, std::span{call}.first(cut));
    send_bytes(client, std::span{call}.subspan(cut));
    ASSERT_NO_FATAL_FAILURE(expect_answer(client, proto::Opcode::Ping, 9)) << cut;
  }
}

TEST_F(ConnectionTest, answers_a_client_that_reads_late) {
  test::SocketPair pair;
  const int smallest = 1;
  ASSERT_EQ(::setsockopt(pair.daemon.get(), SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest), 0);
  const auto client = connect(std::move(pair));
  send_bytes(client, hello());
  const auto call = ping(5);
  std::size_t sent = 0;
  while (::send(client.get(), call.data(), call.size(), MSG_DONTWAIT) == static_cast<ssize_t>(call.size())) ++sent;
  ASSERT_EQ(errno, EAGAIN) << "calls and answers fill the sockets";
  expect_answer(client, proto::Opcode::Hello, 1);
  for (std::size_t i = 0; i < sent; ++i) ASSERT_NO_FATAL_FAILURE(expect_answer(client, proto::Opcode::Ping, 5)) << i;
}

TEST_F(ConnectionTest, malformed_frame_ends_its_connection_is_counted_and_harms_no_other) {
  const auto other = connect();
  send_bytes(other, hello());
  expect_answer(other, proto::Opcode::Hello, 1);
  std::uint64_t counted = 0;
  for (const auto& bad :
       {ping(1) /* before Hello */, test::frame_of(1, 64, 0, proto::Opcode::Hello) /* no table */,
        test::frame_of(1, 0, 0, proto::Opcode{9999}), test::frame_of(1, 0, 0, proto::Opcode::Refused)}) {
    const auto client = connect();
    send_bytes(client, bad);
    expect_end(client);
    EXPECT_EQ(connections_.malformed(), ++counted);
  }
  send_bytes(other, ping(2));
  expect_answer(other, proto::Opcode::Ping, 2);
}

TEST_F(ConnectionTest, oversized_header_ends_the_connection) {
  const auto client = connect();
  send_bytes(client,
             proto::encode_header({.table = 0xFFFFFFFF, .payload = 0xFFFFFFFF, .opcode = proto::Opcode::Hello}));
  expect_end(client);
}

TEST_F(ConnectionTest, descriptor_with_a_call_that_takes_none_ends_the_connection) {
  const auto client = connect();
  send_bytes(client, hello());
  expect_answer(client, proto::Opcode::Hello, 1);
  const proto::Descriptor file{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  send_bytes(client, ping(2), {file.get()});
  expect_end(client);
}

TEST_F(ConnectionTest, client_that_keeps_the_worker_waiting_is_cut) {
  const auto client = connect();
  const auto call = hello();
  send_bytes(client, call);
  expect_answer(client, proto::Opcode::Hello, 1);
  // Whether the connection has seen the incomplete call, and waits for its rest, shows in its end only: so look again.
  send_bytes(client, std::span{call}.first(call.size() - 1));
  pollfd cut{client.get(), POLLIN, 0};
  while (::poll(&cut, 1, 1) == 0) connections_.cut_overdue(Connections::Clock::now() + std::chrono::hours{1});
  expect_end(client);
}

TEST_F(ConnectionTest, idle_client_is_never_cut) {
  const auto client = connect();
  send_bytes(client, hello());
  expect_answer(client, proto::Opcode::Hello, 1);
  connections_.cut_overdue(Connections::Clock::now() + std::chrono::hours{1});
  send_bytes(client, ping(2));
  expect_answer(client, proto::Opcode::Ping, 2);
}

TEST_F(ConnectionTest, one_connection_too_many_is_refused) {
  std::vector<proto::Descriptor> clients;
  for (std::size_t i = 0; i < kConnections; ++i) {
    clients.push_back(connect());
    send_bytes(clients.back(), hello());
    expect_answer(clients.back(), proto::Opcode::Hello, 1);
  }
  const auto refused = answer(connect());
  EXPECT_EQ(connections_.take_turned_away(false), 1U);
  EXPECT_EQ(connections_.take_turned_away(false), 0U) << "told once";
  EXPECT_EQ(refused.opcode, proto::Opcode::Refused);
  EXPECT_EQ(refused.request, static_cast<std::uint32_t>(proto::Refusal::too_many));
}

TEST_F(ConnectionTest, client_that_leaves_makes_room) {
  for (std::size_t i = 0; i < 10 * kConnections; ++i) {
    auto client = connect();
    send_bytes(client, hello());
    if (i % 2 == 0) expect_answer(client, proto::Opcode::Hello, 1);
    client.reset();
    while (connections_.size() > 0) std::this_thread::yield();
  }
}

}  // namespace
}  // namespace sspid::worker
