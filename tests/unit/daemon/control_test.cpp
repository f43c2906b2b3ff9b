// Every control message comes back as it went; nothing else is taken for one.
#include "daemon/control.h"

#include <variant>

#include <fcntl.h>
#include <sys/stat.h>

#include "socket_pair.h"

namespace sspid::control {
namespace {

const std::vector<Message> kMessages{
    Connection{{.uid = 0, .gid = 0, .pid = 1}},
    Connection{{.uid = 4294967294U, .gid = 65534, .pid = 4194304}},
    Connection{{.uid = 33, .gid = 33, .pid = 7, .unit = "apache2.service", .executable = "/usr/sbin/apache2"}},
    Connection{{.unit = std::string(kMaxUnit, 'u'), .executable = std::string(kMaxExecutable, 'e')}},
    Grant{},
    Keytab{true},
    Keytab{false},
    ClientKeytab{true},
    ClientKeytab{false},
    Users{true},
    Users{false},
    Report{},
    Ready{},
    Alive{},
    TurnedAway{1, true},
    TurnedAway{4294967295U, false},
    Idle{0},
    Idle{7},
};

proto::Descriptor some_file() { return proto::Descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)}; }

bool is_open_file(const proto::Descriptor& descriptor) {
  struct stat status {};
  return ::fstat(descriptor.get(), &status) == 0;
}

TEST(Control, every_message_comes_back_as_it_went) {
  for (const Message& message : kMessages) EXPECT_EQ(decode(encode(message)), message);
}

TEST(Control, no_other_length_is_a_message) {
  for (const Message& message : kMessages) {
    const auto bytes = encode(message);
    for (std::size_t size = 0; size < kMessageSize; ++size) {
      // Of exactly this size, so that a sanitizer sees one byte too many being read.
      const std::vector<std::byte> truncated{bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
      EXPECT_EQ(decode(truncated), std::nullopt) << size;
    }
    std::vector<std::byte> longer{bytes.begin(), bytes.end()};
    longer.push_back(std::byte{0});
    EXPECT_EQ(decode(longer), std::nullopt);
  }
}

TEST(Control, no_other_content_is_a_message) {
  for (const unsigned kind : {0U, 11U, 255U}) {
    auto bytes = encode(Ready{});
    bytes[0] = static_cast<std::byte>(kind);
    EXPECT_EQ(decode(bytes), std::nullopt) << "kind " << kind;
  }
  for (std::size_t i = 4; i < kMessageSize; ++i) {
    auto bytes = encode(Ready{});
    bytes[i] = std::byte{1};
    EXPECT_EQ(decode(bytes), std::nullopt) << "Ready carries nothing, byte " << i;
  }
  auto keytab = encode(Keytab{true});
  keytab[4] = std::byte{2};
  EXPECT_EQ(decode(keytab), std::nullopt) << "neither present nor absent";
}

TEST(Control, message_crosses_with_its_descriptor) {
  const test::SocketPair pair{SOCK_SEQPACKET};
  const auto file = some_file();
  for (const Message& message : kMessages) {
    const int descriptor = carries_descriptor(message) ? file.get() : -1;
    ASSERT_EQ(send(pair.client.get(), message, descriptor), Sent::done);
    auto received = receive(pair.daemon.get());
    auto* taken = std::get_if<Received>(&received);
    ASSERT_NE(taken, nullptr);
    EXPECT_EQ(taken->message, message);
    EXPECT_EQ(static_cast<bool>(taken->descriptor), carries_descriptor(message));
    if (!taken->descriptor) continue;
    EXPECT_TRUE(is_open_file(taken->descriptor));
    EXPECT_NE(taken->descriptor.get(), file.get());
    EXPECT_EQ(::fcntl(taken->descriptor.get(), F_GETFD), FD_CLOEXEC);
  }
}

TEST(Control, missing_or_unexpected_descriptor_is_malformed) {
  const test::SocketPair pair{SOCK_SEQPACKET};
  const auto file = some_file();
  for (const Message& message : kMessages) {
    const int descriptor = carries_descriptor(message) ? -1 : file.get();
    ASSERT_EQ(send(pair.client.get(), message, descriptor), Sent::done);
    EXPECT_TRUE(std::holds_alternative<Malformed>(receive(pair.daemon.get())));
  }
}

TEST(Control, further_descriptors_are_malformed_and_closed) {
  test::SocketPair pair{SOCK_SEQPACKET};
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const proto::Descriptor reader{pipe[0]};
  proto::Descriptor writer{pipe[1]};
  for (const std::size_t count : {2U, 3U, 20U}) {
    test::send_bytes(pair.client, encode(Connection{}), std::vector<int>(count, writer.get()));
    EXPECT_TRUE(std::holds_alternative<Malformed>(receive(pair.daemon.get()))) << count;
  }
  writer.reset();
  char byte = 0;
  EXPECT_EQ(::read(reader.get(), &byte, 1), 0) << "somebody still holds the pipe's other end";
}

TEST(Control, packet_of_another_size_is_malformed) {
  const test::SocketPair pair{SOCK_SEQPACKET};
  const auto bytes = encode(Ready{});
  test::send_bytes(pair.client, std::span{bytes}.first(kMessageSize - 1));
  EXPECT_TRUE(std::holds_alternative<Malformed>(receive(pair.daemon.get())));
  std::vector<std::byte> longer{bytes.begin(), bytes.end()};
  longer.push_back(std::byte{0});
  test::send_bytes(pair.client, longer);
  EXPECT_TRUE(std::holds_alternative<Malformed>(receive(pair.daemon.get())));
}

TEST(Control, tells_nothing_there_from_nobody_there) {
  test::SocketPair pair{SOCK_SEQPACKET};
  EXPECT_TRUE(std::holds_alternative<Nothing>(receive(pair.daemon.get())));
  pair.client.reset();
  EXPECT_TRUE(std::holds_alternative<Closed>(receive(pair.daemon.get())));
  EXPECT_EQ(send(pair.daemon.get(), Ready{}), Sent::peer_gone);
}

TEST(Control, full_queue_is_reported_and_loses_nothing) {
  const test::SocketPair pair{SOCK_SEQPACKET};
  pid_t sent = 0;
  while (send(pair.client.get(), Ready{}) == Sent::done) {
    ASSERT_LT(++sent, 100'000) << "the queue has no end";
  }
  EXPECT_EQ(send(pair.client.get(), Ready{}), Sent::queue_full);
  for (pid_t i = 0; i < sent; ++i) ASSERT_TRUE(std::holds_alternative<Received>(receive(pair.daemon.get())));
  EXPECT_TRUE(std::holds_alternative<Nothing>(receive(pair.daemon.get())));
  EXPECT_EQ(send(pair.client.get(), Ready{}), Sent::done);
}

}  // namespace
}  // namespace sspid::control
