#include "client-lib/connection.h"

#include <array>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_daemon.h"
#include "proto/limits.h"

namespace sspi {
namespace {

using test::Peer;
using test::ReceivedFrame;
using test::reply_to;

constexpr auto kUnanswered = proto::Opcode::DeleteSecurityContext;

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    connection_.emplace(proto::Descriptor(ends[0]));
    peer_.emplace(proto::Descriptor(ends[1]));
  }

  /// Answers one frame by these bytes and hangs up.
  std::jthread answer(std::function<std::string(const ReceivedFrame&)> bytes) {
    return std::jthread([this, bytes = std::move(bytes)] {
      const auto frame = peer_->read();
      if (!frame) return;
      peer_->write(bytes(*frame));
      peer_->hang_up();
    });
  }

  Sent ping(Reply& reply) {
    return connection_->transact({.opcode = proto::Opcode::Ping, .table = table()}, {}, reply);
  }
  Sent encrypt(std::span<const iovec> places, Reply& reply) {
    return connection_->transact({.opcode = proto::Opcode::EncryptMessage, .table = table()}, places, reply);
  }

  Greeting greet() {
    connection_->greet(nullptr);
    return *connection_->greeting(Pace::blocking);
  }

  static std::span<const std::byte> table() {
    static const std::array<std::byte, 8> kSome{};
    return kSome;
  }

  std::optional<Connection> connection_;
  std::optional<Peer> peer_;
};

std::string text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_F(ConnectionTest, sends_header_table_payload_and_descriptor_as_one_frame) {
  std::string a = "abc", b = "defgh";
  const std::array payload{iovec{a.data(), a.size()}, iovec{nullptr, 0}, iovec{b.data(), b.size()}};
  const proto::Descriptor file(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Request request{.opcode = kUnanswered, .table = table(), .payload = payload, .descriptor = file.get()};
  Reply none;
  ASSERT_EQ(connection_->transact(request, {}, none), Sent::answered);
  const auto frame = peer_->read();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->header.opcode, kUnanswered);
  EXPECT_EQ(frame->header.flags, 0);
  EXPECT_EQ(frame->table.size(), table().size());
  EXPECT_EQ(frame->payload, "abcdefgh");
  EXPECT_TRUE(frame->descriptor);
}

TEST_F(ConnectionTest, sends_more_than_the_socket_holds) {
  std::string large(std::size_t{3} << 20, 'x');
  large.back() = 'y';
  std::optional<ReceivedFrame> frame;
  {
    std::jthread reader([&] { frame = peer_->read(); });
    const std::array payload{iovec{large.data(), large.size()}};
    Reply none;
    EXPECT_EQ(connection_->transact({.opcode = kUnanswered, .table = table(), .payload = payload}, {}, none),
              Sent::answered);
  }
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->payload, large);
}

TEST_F(ConnectionTest, puts_the_payload_of_a_message_into_its_places) {
  std::string a(3, '-'), b(4, '-');
  const std::array places{iovec{a.data(), a.size()}, iovec{b.data(), b.size()}};
  const auto thread =
      answer([](const ReceivedFrame& f) { return reply_to(f, test::encrypt_reply(SEC_E_OK, 2, 1), "aaabbbbTTP"); });
  Reply reply;
  ASSERT_EQ(encrypt(places, reply), Sent::answered);
  EXPECT_EQ(a, "aaa");
  EXPECT_EQ(b, "bbbb");
  EXPECT_EQ(text(reply.payload), "TTP");
  EXPECT_EQ(reply.table.size(), proto::kMessageReplyTable);
}

TEST_F(ConnectionTest, waits_for_a_reply_that_comes_byte_by_byte) {
  std::string a(300, '-');
  const std::array places{iovec{a.data(), a.size()}};
  std::jthread writer([this] {
    const auto frame = peer_->read();
    ASSERT_TRUE(frame);
    for (const char byte : reply_to(*frame, test::encrypt_reply(SEC_E_OK, 1, 0), std::string(300, 'a') + "T"))
      peer_->write(std::string(1, byte));
  });
  Reply reply;
  ASSERT_EQ(encrypt(places, reply), Sent::answered);
  EXPECT_EQ(a, std::string(300, 'a'));
  EXPECT_EQ(text(reply.payload), "T");
}

TEST_F(ConnectionTest, leaves_the_places_alone_when_the_reply_has_no_payload) {
  std::string a(3, '-');
  const std::array places{iovec{a.data(), a.size()}};
  const auto thread =
      answer([](const ReceivedFrame& f) { return reply_to(f, test::encrypt_reply(SEC_E_BUFFER_TOO_SMALL, 0, 0)); });
  Reply reply;
  ASSERT_EQ(encrypt(places, reply), Sent::answered);
  EXPECT_EQ(a, "---");
}

TEST_F(ConnectionTest, takes_replies_larger_than_its_buffer_up_to_a_token) {
  const auto thread = answer(
      [](const ReceivedFrame& f) { return reply_to(f, test::ping_reply("v"), std::string(proto::kMaxToken, 't')); });
  Reply reply;
  ASSERT_EQ(ping(reply), Sent::answered);
  EXPECT_EQ(text(reply.payload), std::string(proto::kMaxToken, 't'));
}

struct Lie {
  const char* name;
  std::string (*bytes)(const ReceivedFrame& request);
};

std::string header_only(proto::FrameHeader header) {
  const auto bytes = proto::encode_header(header);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

proto::FrameHeader honest(const ReceivedFrame& request) {
  return {.request = request.header.request, .opcode = request.header.opcode, .flags = proto::kReplyFlag};
}

const Lie kLies[] = {
    {"another request",
     [](const ReceivedFrame& f) {
       auto header = honest(f);
       header.request += 1;
       return header_only(header);
     }},
    {"another opcode",
     [](const ReceivedFrame& f) {
       auto header = honest(f);
       header.opcode = proto::Opcode::Hello;
       return header_only(header);
     }},
    {"refused after Hello",
     [](const ReceivedFrame& f) {
       auto header = honest(f);
       header.opcode = proto::Opcode::Refused;
       return header_only(header);
     }},
    {"no reply",
     [](const ReceivedFrame& f) {
       auto header = honest(f);
       header.flags = 0;
       return header_only(header);
     }},
    {"table too long",
     [](const ReceivedFrame& f) {
       auto header = honest(f);
       header.table = proto::kMaxTable + 1;
       return header_only(header);
     }},
    {"payload too long",
     [](const ReceivedFrame& f) {
       auto header = honest(f);
       header.payload = 0xFFFFFFFF;
       return header_only(header);
     }},
    {"more than one frame",
     [](const ReceivedFrame& f) { return reply_to(f, test::ping_reply("v")) + reply_to(f, test::ping_reply("v")); }},
    {"rubbish", [](const ReceivedFrame&) { return std::string(64, '\xAA'); }},
};

TEST_F(ConnectionTest, dies_of_every_lie_in_a_header) {
  for (const Lie& lie : kLies) {
    for (const auto opcode : {proto::Opcode::Ping, proto::Opcode::EncryptMessage}) {
      int ends[2] = {-1, -1};
      ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
      Connection connection{proto::Descriptor(ends[0])};
      Peer peer{proto::Descriptor(ends[1])};
      std::jthread liar([&] {
        const auto frame = peer.read();
        if (frame) peer.write(lie.bytes(*frame));
        peer.hang_up();
      });
      Reply reply;
      EXPECT_EQ(connection.transact({.opcode = opcode, .table = table()}, {}, reply), Sent::broken) << lie.name;
      EXPECT_TRUE(connection.dead());
      EXPECT_EQ(connection.transact({.opcode = opcode, .table = table()}, {}, reply), Sent::not_sent);
    }
  }
}

TEST_F(ConnectionTest, dies_of_a_message_reply_whose_table_has_another_length) {
  const auto thread = answer([](const ReceivedFrame& f) {
    auto header = honest(f);
    header.table = proto::kMessageReplyTable - 8;
    return header_only(header) + std::string(header.table, '\0');
  });
  Reply reply;
  EXPECT_EQ(encrypt({}, reply), Sent::broken);
}

TEST_F(ConnectionTest, dies_of_a_message_payload_without_room_for_it) {
  std::string a(3, '-');
  const std::array places{iovec{a.data(), a.size()}};
  const auto thread = answer([](const ReceivedFrame& f) {
    return reply_to(f, test::encrypt_reply(SEC_E_OK, 0, 0), std::string(std::size_t{64} << 10, 'x'));
  });
  Reply reply;
  EXPECT_EQ(encrypt(places, reply), Sent::broken);
}

TEST_F(ConnectionTest, dies_of_every_truncation) {
  std::size_t length = 0;
  for (bool whole = false; !whole; ++length) {
    int ends[2] = {-1, -1};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    Connection connection{proto::Descriptor(ends[0])};
    Peer peer{proto::Descriptor(ends[1])};
    std::jthread writer([&] {
      const auto frame = peer.read();
      ASSERT_TRUE(frame);
      const std::string bytes = reply_to(*frame, test::ping_reply("v"), "pay");
      whole = length >= bytes.size();
      peer.write(bytes.substr(0, length));
      peer.hang_up();
    });
    Reply reply;
    const Sent sent = connection.transact({.opcode = proto::Opcode::Ping, .table = table()}, {}, reply);
    writer.join();
    EXPECT_EQ(sent, whole ? Sent::answered : Sent::broken) << length;
  }
}

TEST_F(ConnectionTest, knows_that_nothing_was_executed_when_the_other_end_is_gone) {
  peer_->hang_up();
  Reply reply;
  EXPECT_TRUE(connection_->hung_up());
  EXPECT_EQ(ping(reply), Sent::not_sent);
  EXPECT_TRUE(connection_->dead());
}

TEST_F(ConnectionTest, tells_a_refusal_from_a_connection_closed_before_the_answer) {
  peer_->write(
      header_only({.request = static_cast<std::uint32_t>(proto::Refusal::too_many), .opcode = proto::Opcode::Refused}));
  peer_->hang_up();
  const Greeting refused = greet();
  EXPECT_EQ(refused.kind, Greeting::Kind::refused);
  EXPECT_EQ(refused.refusal, proto::Refusal::too_many);
}

TEST_F(ConnectionTest, says_that_it_was_closed_before_hello_was_answered) {
  const auto thread = answer([](const ReceivedFrame&) { return std::string(); });
  EXPECT_EQ(greet().kind, Greeting::Kind::closed);
}

TEST_F(ConnectionTest, hands_on_what_hello_is_rejected_with) {
  const auto thread =
      answer([](const ReceivedFrame& f) { return reply_to(f, test::hello_reply(SEC_E_INVALID_HANDLE)); });
  const Greeting greeting = greet();
  EXPECT_EQ(greeting.kind, Greeting::Kind::rejected);
  EXPECT_EQ(greeting.status, SEC_E_INVALID_HANDLE);
}

TEST_F(ConnectionTest, takes_an_answer_to_hello_that_does_not_verify_for_a_fault) {
  const auto thread = answer([](const ReceivedFrame& f) { return reply_to(f, std::string(64, '\x7F')); });
  EXPECT_EQ(greet().kind, Greeting::Kind::fault);
}

TEST_F(ConnectionTest, does_not_close_a_number_that_is_the_program_s_by_now) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const proto::Descriptor other(ends[1]);
  {
    const Connection connection{proto::Descriptor(ends[0])};
    close(ends[0]);
    const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ASSERT_EQ(dup3(file, ends[0], O_CLOEXEC) < 0 && file != ends[0], false);
    EXPECT_TRUE(connection.hung_up());
  }
  EXPECT_EQ(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
  close(ends[0]);
}

}  // namespace
}  // namespace sspi
