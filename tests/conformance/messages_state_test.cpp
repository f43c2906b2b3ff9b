// Messages and the life of their context: incomplete, expired, used by several threads; and how long they may be.
#include <algorithm>
#include <barrier>
#include <functional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "messages_ends.h"

namespace sspid::test {
namespace {

struct AllCalls {
  explicit AllCalls(SspiContext& context) {
    Bytes token(60);
    Bytes data(16);
    Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
    encrypt = message.encrypt(context);
    sign = message.sign(context);
    decrypt = message.decrypt(context);
    verify = message.verify(context);
  }
  SECURITY_STATUS encrypt, sign, decrypt, verify;
};

void expect_all(SspiContext& context, SECURITY_STATUS wanted) {
  const AllCalls calls(context);
  EXPECT_STATUS(calls.encrypt, wanted);
  EXPECT_STATUS(calls.sign, wanted);
  EXPECT_STATUS(calls.decrypt, wanted);
  EXPECT_STATUS(calls.verify, wanted);
}

TEST_F(Messages, E_114_incomplete_context_protects_nothing) {
  for (const char* package : {"Kerberos", "Negotiate"}) {
    Credential outbound(package, SECPKG_CRED_OUTBOUND);
    Credential inbound(package, SECPKG_CRED_INBOUND);
    SspiInitiator client(outbound, kTarget);
    SspiAcceptor server(inbound);
    const Leg begin = client.step({});
    ASSERT_EQ(begin.state, Leg::State::more) << begin.status;
    expect_all(client, SEC_E_INVALID_HANDLE);

    const Leg answer = server.step(begin.token);
    ASSERT_EQ(answer.state, Leg::State::done) << answer.status;
    EXPECT_EQ(client.step(answer.token).state, Leg::State::done);
    expect_passes(client, server);
  }
}

TEST_F(Messages, E_114_server_that_waits_for_a_third_leg) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  SspiInitiator client(outbound, asking_for(kPrivacy | ISC_REQ_USE_DCE_STYLE));
  SspiAcceptor server(inbound);
  ASSERT_EQ(server.step(client.step({}).token).state, Leg::State::more);
  expect_all(server, SEC_E_INVALID_HANDLE);
}

TEST_F(Messages, E_115_messages_end_with_the_tickets) {
  const Tickets tickets(world().realm, "alice", "alicepw", {"-l", "5s"});
  SspiPair pair;
  Sealed in_time = pair.client.seal(bytes_of("in time"));
  EXPECT_STATUS(pair.server.open(in_time), SEC_E_OK);
  await("the ticket's end", [&] { return AllCalls(pair.client).sign != SEC_E_OK; });
  expect_all(pair.client, SEC_E_CONTEXT_EXPIRED);
}

TEST_F(Messages, E_080_context_without_protection) {
  SspiPair pair(ISC_REQ_MUTUAL_AUTH);
  Bytes token(60);
  Bytes data = bytes_of("bare");
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  EXPECT_STATUS(message.encrypt(pair.client), SEC_E_QOP_NOT_SUPPORTED);
  EXPECT_STATUS(message.encrypt(pair.client, SECQOP_WRAP_NO_ENCRYPT), SEC_E_QOP_NOT_SUPPORTED);
  EXPECT_STATUS(message.sign(pair.client), SEC_E_QOP_NOT_SUPPORTED);
  EXPECT_EQ(text_of(data), "bare");
}

TEST_F(Messages, attributes_are_the_same_after_messages) {
  SspiPair pair;
  const auto session_key = [](SspiContext& context) {
    const auto key = context.attribute<SecPkgContext_SessionKey>(SECPKG_ATTR_SESSION_KEY);
    Bytes bytes(key.SessionKey, key.SessionKey + key.SessionKeyLength);
    FreeContextBuffer(key.SessionKey);
    return bytes;
  };
  const Bytes key = session_key(pair.client);
  expect_passes(pair.client, pair.server);
  expect_passes(pair.server, pair.client);
  EXPECT_EQ(session_key(pair.client), key);
  EXPECT_EQ(session_key(pair.server), key);
  EXPECT_EQ(pair.server.client_name(), "alice@EXAMPLE.TEST");
  EXPECT_EQ(pair.client.server_name(), "host/localhost@EXAMPLE.TEST");
  EXPECT_EQ(pair.client.package(), "Kerberos");
  EXPECT_EQ(pair.client.sizes().cbSecurityTrailer, 60U);
}

TEST_F(Messages, E_101_two_threads_encrypt_on_one_context) {
  constexpr std::size_t kEach = 200;
  SspiPair pair;
  std::vector<Sealed> sealed[2];
  std::barrier start(2);
  const auto work = [&](std::size_t number) {
    start.arrive_and_wait();
    for (std::size_t i = 0; i < kEach; ++i)
      sealed[number].push_back(pair.client.seal(bytes_of("thread " + std::to_string(number))));
  };
  std::thread other(work, 1);
  work(0);
  other.join();

  std::vector<std::pair<Sealed, std::string>> all;
  for (const Sealed& message : sealed[0]) all.emplace_back(message, "thread 0");
  for (const Sealed& message : sealed[1]) all.emplace_back(message, "thread 1");
  const auto number = [](const auto& message) { return sequence_of(message.first.token); };
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return number(a) < number(b); });
  for (auto& [message, text] : all) {
    EXPECT_STATUS(pair.server.open(message), SEC_E_OK);
    EXPECT_EQ(text_of(message.data), text);
  }
  ASSERT_EQ(all.size(), 2 * kEach);
  EXPECT_EQ(number(all.back()) - number(all.front()), 2 * kEach - 1);
}

TEST_F(Messages, E_102_one_thread_encrypts_while_another_decrypts) {
  constexpr int kEach = 200;
  SspiPair pair;
  std::vector<Sealed> incoming;
  incoming.reserve(kEach);
  for (int i = 0; i < kEach; ++i) incoming.push_back(pair.server.seal(bytes_of("in " + std::to_string(i))));
  std::vector<Sealed> outgoing;
  std::barrier start(2);
  std::thread sender([&] {
    start.arrive_and_wait();
    for (int i = 0; i < kEach; ++i) outgoing.push_back(pair.client.seal(bytes_of("out " + std::to_string(i))));
  });
  start.arrive_and_wait();
  for (int i = 0; i < kEach; ++i) {
    EXPECT_STATUS(pair.client.open(incoming[static_cast<std::size_t>(i)]), SEC_E_OK);
    EXPECT_EQ(text_of(incoming[static_cast<std::size_t>(i)].data), "in " + std::to_string(i));
  }
  sender.join();
  for (int i = 0; i < kEach; ++i) {
    EXPECT_STATUS(pair.server.open(outgoing[static_cast<std::size_t>(i)]), SEC_E_OK);
    EXPECT_EQ(text_of(outgoing[static_cast<std::size_t>(i)].data), "out " + std::to_string(i));
  }
}

SECURITY_STATUS continue_initiator(CredHandle* credential, CtxtHandle* context, const Bytes& token) {
  Buffers in;
  in.add(SECBUFFER_TOKEN, token);
  Buffers out;
  out.room(SECBUFFER_TOKEN, 48000);
  CtxtHandle same = *context;
  return initialize({.credential = credential,
                     .context = context,
                     .requirements = kPrivacy | kOrder,
                     .input = in.get(),
                     .new_context = &same,
                     .output = out.get()});
}

SECURITY_STATUS continue_acceptor(CredHandle* credential, CtxtHandle* context, const Bytes& token) {
  Buffers in;
  in.add(SECBUFFER_TOKEN, token);
  Buffers out;
  out.room(SECBUFFER_TOKEN, 48000);
  CtxtHandle same = *context;
  return accept(
      {.credential = credential, .context = context, .input = in.get(), .new_context = &same, .output = out.get()});
}

void expect_one_winner(const std::function<SECURITY_STATUS()>& step) {
  SECURITY_STATUS status[2] = {};
  std::barrier start(2);
  std::thread other([&] {
    start.arrive_and_wait();
    status[1] = step();
  });
  start.arrive_and_wait();
  status[0] = step();
  other.join();
  std::sort(std::begin(status), std::end(status));  // failures are negative
  EXPECT_STATUS(status[1], SEC_E_OK);
  EXPECT_TRUE(status[0] == SEC_E_INVALID_TOKEN || status[0] == SEC_E_UNSUPPORTED_FUNCTION) << status_name(status[0]);
}

TEST_F(Messages, E_103_two_threads_initialize_one_context) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  for (int round = 0; round < 20; ++round) {
    SspiInitiator client(outbound, kTarget);
    SspiAcceptor server(inbound);
    const Leg answer = server.step(client.step({}).token);
    ASSERT_EQ(answer.state, Leg::State::done) << answer.status;
    expect_one_winner([&] { return continue_initiator(outbound.get(), client.get(), answer.token); });
    expect_passes(client, server);
  }
}

TEST_F(Messages, E_103_two_threads_accept_one_context) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  for (int round = 0; round < 20; ++round) {
    SspiInitiator client(outbound, asking_for(kPrivacy | ISC_REQ_USE_DCE_STYLE));
    SspiAcceptor server(inbound);
    const Leg answer = server.step(client.step({}).token);
    ASSERT_EQ(answer.state, Leg::State::more) << answer.status;
    const Leg last = client.step(answer.token);
    ASSERT_EQ(last.state, Leg::State::done) << last.status;
    expect_one_winner([&] { return continue_acceptor(inbound.get(), server.get(), last.token); });
    expect_passes(client, server);
  }
}

constexpr std::size_t kLongest = std::size_t{16} << 20;

TEST_F(Messages, E_184_payload_of_16_MiB) {
  SspiPair pair;
  const Bytes plain = random_bytes(kLongest);
  Sealed message = pair.client.seal(plain);
  EXPECT_STATUS(pair.server.open(message), SEC_E_OK);
  EXPECT_TRUE(message.data == plain);

  Bytes opened;
  EXPECT_STATUS(pair.server.open_stream(pair.client.seal(plain).stream(), opened), SEC_E_OK);
  EXPECT_TRUE(opened == plain);
  EXPECT_STATUS(pair.server.verify(plain, pair.client.sign(plain)), SEC_E_OK);
}

TEST_F(Messages, E_184_payload_above_16_MiB_is_refused_before_anything_is_sent) {
  SspiPair pair;
  Bytes token(60);
  Bytes data(kLongest + 1);
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  EXPECT_STATUS(message.encrypt(pair.client), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(message.sign(pair.client), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(message.verify(pair.client), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(message.decrypt(pair.client), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(token, Bytes(60));
  EXPECT_TRUE(data == Bytes(kLongest + 1));
  expect_passes(pair.client, pair.server);
}

TEST_F(Messages, E_184_several_buffers_count_together) {
  SspiPair pair;
  Bytes token(60);
  Bytes data(kLongest);
  Bytes more(1);
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data), buffer(SECBUFFER_DATA, more)};
  EXPECT_STATUS(message.encrypt(pair.client), SEC_E_INVALID_PARAMETER);
  EXPECT_TRUE(data == Bytes(kLongest));
  expect_passes(pair.client, pair.server);
}

TEST_F(Messages, payloads_of_every_small_length) {
  SspiPair pair;
  for (std::size_t length = 0; length <= 65; ++length) {
    const Bytes plain = random_bytes(length, length + 1);
    Sealed message = pair.client.seal(plain);
    EXPECT_STATUS(pair.server.open(message), SEC_E_OK);
    EXPECT_EQ(message.data, plain);
    EXPECT_STATUS(pair.server.verify(plain, pair.client.sign(plain)), SEC_E_OK);
  }
}

}  // namespace
}  // namespace sspid::test
