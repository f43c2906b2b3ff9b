// Whatever a client sends: its connection ends or its call fails with a status, the worker lives, and other clients
// notice nothing.
#include <functional>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sspi.h>
#include <unistd.h>

#include "proto/limits.h"
#include "raw_client.h"
#include "support/sspi_peer.h"
#include "support/world.h"

namespace sspid::test {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;

/// Another client's established context, used before and after each attack; and the worker, which must stay the same.
class BadInput : public ::testing::Test {
 protected:
  BadInput() {
    establish(initiator_, acceptor_);
    exchange();
  }
  ~BadInput() override {
    exchange();
    EXPECT_EQ(world().daemon.worker(), worker_);
  }

  void exchange() {
    Sealed message = initiator_.seal(bytes_of("unharmed"));
    ASSERT_STATUS(acceptor_.open(message), SEC_E_OK);
    EXPECT_EQ(text_of(message.data), "unharmed");
  }

  static std::string socket() { return world().daemon.socket(); }

  /// The daemon must hang up on who sends this after Hello.
  static void expect_end(const std::function<void(RawClient&)>& attack) {
    RawClient client(socket());
    ASSERT_EQ(client.hello(), SEC_E_OK);
    attack(client);
    client.await_end();
  }

 private:
  pid_t worker_ = world().daemon.worker();
  Credential outbound_{"Kerberos", SECPKG_CRED_OUTBOUND}, inbound_{"Kerberos", SECPKG_CRED_INBOUND};
  SspiInitiator initiator_{outbound_, "host/localhost"};
  SspiAcceptor acceptor_{inbound_};
};

Builder ping() {
  Builder table;
  table.Finish(proto::CreatePingRequest(table));
  return table;
}

/// A ping whose header says something else.
Bytes ping_with(const std::function<void(proto::FrameHeader&)>& lie) {
  Builder table = ping();
  Bytes bytes = frame_bytes({.opcode = proto::Opcode::Ping}, table);
  auto header = proto::decode_header(std::as_bytes(std::span(bytes)).first<proto::kHeaderSize>());
  lie(header);
  const auto encoded = proto::encode_header(header);
  std::memcpy(bytes.data(), encoded.data(), encoded.size());
  return bytes;
}

TEST_F(BadInput, random_bytes_end_the_connection) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RawClient client(socket());
    client.send(random_bytes(16 + seed * 7, seed));
    client.finish();
    client.await_end();
  }
}

TEST_F(BadInput, random_bytes_behind_hello_end_the_connection) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed)
    expect_end([&](RawClient& client) {
      client.send(random_bytes(16 + seed * 7, seed));
      client.finish();
    });
}

TEST_F(BadInput, frame_cut_off_at_every_byte_ends_the_connection) {
  const Bytes whole = frame_bytes({.opcode = proto::Opcode::Ping}, ping());
  for (std::size_t size = 1; size < whole.size(); ++size)
    expect_end([&](RawClient& client) {
      client.send({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
      client.finish();
    });
}

TEST_F(BadInput, table_with_any_byte_changed_is_answered_or_ends_the_connection) {
  Builder table;
  const proto::Handle handle(1, 2);
  table.Finish(proto::CreateQueryContextAttributesRequest(table, &handle, SECPKG_ATTR_SIZES));
  const Bytes whole = frame_bytes({.opcode = proto::Opcode::QueryContextAttributes}, table);
  for (std::size_t at = proto::kHeaderSize; at < whole.size(); ++at)
    expect_end([&](RawClient& client) {
      client.send(with_flipped_bit(whole, at, at % 8));
      client.finish();
    });
}

TEST_F(BadInput, lengths_beyond_the_limits_end_the_connection) {
  for (const std::uint32_t table : {std::uint32_t{proto::kMaxTable + 1}, 0x7FFFFFFFU, 0xFFFFFFFFU})
    expect_end([&](RawClient& client) { client.send(ping_with([&](auto& header) { header.table = table; })); });
  for (const std::uint32_t payload : {std::uint32_t{proto::kMaxPayload + 1}, 0x7FFFFFFFU, 0xFFFFFFFFU})
    expect_end([&](RawClient& client) { client.send(ping_with([&](auto& header) { header.payload = payload; })); });
}

TEST_F(BadInput, lengths_that_lie_end_the_connection) {
  // Part of the table counted as payload, which Ping has none of.
  expect_end([](RawClient& client) {
    client.send(ping_with([](auto& header) {
      header.table -= 4;
      header.payload = 4;
    }));
  });
  expect_end([](RawClient& client) {
    client.send(ping_with([](auto& header) {
      header.payload = header.table;
      header.table = 0;
    }));
  });
}

TEST_F(BadInput, what_is_no_request_ends_the_connection) {
  for (const unsigned opcode : {0U, 1U, 4U, 15U, 31U, 52U, 255U, 65535U})
    expect_end([&](RawClient& client) {
      client.send(ping_with([&](auto& header) { header.opcode = static_cast<proto::Opcode>(opcode); }));
    });
  expect_end([](RawClient& client) { client.send(ping_with([](auto& header) { header.flags = proto::kReplyFlag; })); });
}

TEST_F(BadInput, calls_before_hello_and_a_second_hello_end_the_connection) {
  RawClient early(socket());
  early.send_frame(proto::Opcode::Ping, ping());
  early.await_end();
  expect_end([](RawClient& client) {
    Builder table;
    table.Finish(proto::CreateHelloRequest(table, 1, 1));
    client.send_frame(proto::Opcode::Hello, table);
  });
}

TEST_F(BadInput, unknown_version_is_told_so) {
  EXPECT_STATUS(RawClient(socket()).hello(2, 9), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(RawClient(socket()).hello(0, 0), SEC_E_UNSUPPORTED_FUNCTION);
}

TEST_F(BadInput, session_is_joined_by_its_whole_key_only) {
  RawClient owner(socket());
  ASSERT_EQ(owner.hello(), SEC_E_OK);
  const proto::SessionKey key = owner.session();
  EXPECT_STATUS(RawClient(socket()).hello(1, 1, &key), SEC_E_OK);
  const proto::SessionKey other_low(key.high(), key.low() ^ 1), other_high(key.high() ^ 1, key.low());
  EXPECT_STATUS(RawClient(socket()).hello(1, 1, &other_low), SEC_E_INVALID_HANDLE);
  EXPECT_STATUS(RawClient(socket()).hello(1, 1, &other_high), SEC_E_INVALID_HANDLE);
}

TEST_F(BadInput, handle_of_another_session_is_not_found) {
  Credential owned("Kerberos", SECPKG_CRED_OUTBOUND);
  RawClient thief(socket());
  ASSERT_EQ(thief.hello(), SEC_E_OK);
  Builder table;
  const proto::Handle handle(owned.get()->dwLower, owned.get()->dwUpper);
  table.Finish(proto::CreateQueryCredentialsAttributesRequest(table, &handle, SECPKG_CRED_ATTR_NAMES));
  thief.send_frame(proto::Opcode::QueryCredentialsAttributes, table);
  const auto answer = thief.receive();
  ASSERT_TRUE(answer);
  const auto* reply = flatbuffers::GetRoot<proto::QueryCredentialsAttributesReply>(answer->table.data());
  EXPECT_STATUS(reply->status(), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(owned.name(), world().realm.qualified("alice"));
}

TEST_F(BadInput, text_that_is_none_ends_the_connection) {
  for (const std::string& text :
       {std::string("a\0b", 3), std::string("\xff"), std::string("\xc0\x80"), std::string("\xed\xa0\x80"),
        std::string("\xf5\x80\x80\x80"), std::string("\xe2\x82"), std::string(proto::kMaxName + 1, 'x')})
    expect_end([&](RawClient& client) {
      Builder table;
      const auto package = table.CreateString(text);
      table.Finish(proto::CreateAcquireCredentialsHandleRequest(table, 0, package, SECPKG_CRED_INBOUND));
      client.send_frame(proto::Opcode::AcquireCredentialsHandle, table);
    });
}

TEST_F(BadInput, payload_that_disagrees_with_the_table_ends_the_connection) {
  const proto::Handle handle(1, 2);
  const std::vector<proto::Segment> ten{{proto::SegmentKind::Data, 10}};
  expect_end([&](RawClient& client) {
    Builder table;
    const auto segments = table.CreateVectorOfStructs(ten);
    table.Finish(proto::CreateEncryptMessageRequest(table, &handle, 0, 60, true, 0, segments));
    client.send_frame(proto::Opcode::EncryptMessage, table, random_bytes(11));
  });
  expect_end([&](RawClient& client) {
    Builder table;
    table.Finish(proto::CreateVerifySignatureRequest(table, &handle, 100));
    client.send_frame(proto::Opcode::VerifySignature, table, random_bytes(99));
  });
  const std::vector<proto::Segment> wrapping{{proto::SegmentKind::Data, 0xFFFFFFFF}, {proto::SegmentKind::Data, 11}};
  expect_end([&](RawClient& client) {
    Builder table;
    const auto segments = table.CreateVectorOfStructs(wrapping);
    table.Finish(proto::CreateDecryptMessageRequest(table, &handle, proto::Layout::Split, 0, 0, segments));
    client.send_frame(proto::Opcode::DecryptMessage, table, random_bytes(10));
  });
}

TEST_F(BadInput, descriptor_that_nobody_asked_for_ends_the_connection) {
  const proto::Descriptor file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  expect_end([&](RawClient& client) { client.send(frame_bytes({.opcode = proto::Opcode::Ping}, ping()), file.get()); });
}

TEST_F(BadInput, ticket_cache_that_is_none_is_refused) {
  Directory directory;
  const std::string path = directory.file("cc");
  const proto::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  for (const std::size_t size : {0, 1, 4, 100, 70'000}) {
    const Bytes noise = random_bytes(size);
    ASSERT_EQ(::ftruncate(file.get(), 0), 0);
    ASSERT_EQ(::pwrite(file.get(), noise.data(), noise.size(), 0), static_cast<ssize_t>(noise.size()));
    RawClient client(socket());
    ASSERT_EQ(client.hello(), SEC_E_OK);
    Builder table;
    const auto package = table.CreateString("Kerberos");
    const auto cache = proto::CreateTicketCacheDirect(table, ("FILE:" + path).c_str());
    table.Finish(
        proto::CreateAcquireCredentialsHandleRequest(table, 0, package, SECPKG_CRED_OUTBOUND, false, 0, cache));
    client.send(frame_bytes({.opcode = proto::Opcode::AcquireCredentialsHandle}, table), file.get());
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_LT(flatbuffers::GetRoot<proto::AcquireCredentialsHandleReply>(answer->table.data())->status(), 0);
  }
}

TEST_F(BadInput, garbage_tokens_are_invalid) {
  Credential inbound("Negotiate", SECPKG_CRED_INBOUND);
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Bytes token = random_bytes(seed * 5, seed);
    if (seed % 2) token[0] = 0x60;  // looks like a framed token from afar
    SspiAcceptor acceptor(inbound);
    EXPECT_EQ(acceptor.step(token).state, Leg::State::failed);
    EXPECT_STATUS(acceptor.status(), SEC_E_INVALID_TOKEN);
  }
}

TEST_F(BadInput, client_that_takes_no_answers_holds_nobody_up) {
  RawClient silent(socket());
  ASSERT_EQ(silent.hello(), SEC_E_OK);
  Bytes many;
  const Bytes one = frame_bytes({.opcode = proto::Opcode::EnumerateSecurityPackages}, [] {
    Builder table;
    table.Finish(proto::CreateEnumerateSecurityPackagesRequest(table));
    return table;
  }());
  for (int i = 0; i < 1000; ++i) many.insert(many.end(), one.begin(), one.end());
  silent.send(many);
  exchange();
}

TEST_F(BadInput, half_a_frame_holds_nobody_up) {
  RawClient half(socket());
  ASSERT_EQ(half.hello(), SEC_E_OK);
  const Bytes whole = frame_bytes({.opcode = proto::Opcode::Ping}, ping());
  half.send({whole.begin(), whole.begin() + 20});
  exchange();
  half.send({whole.begin() + 20, whole.end()});
  EXPECT_TRUE(half.receive());
}

}  // namespace
}  // namespace sspid::test
