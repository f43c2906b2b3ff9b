#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client-lib/session.h"
#include "fake_daemon.h"
#include "proto/limits.h"
#include "sspi_ext.h"

namespace sspi {
namespace {

using test::FakeDaemon;
using test::Peer;
using test::ReceivedFrame;
using test::reply_to;

const proto::SessionKey kKey(0x0102030405060708, 0x1112131415161718);
const proto::Handle kCredential(11, 12);
const proto::Handle kContext(21, 22);

struct FreeAsync {
  void operator()(SspiAsyncContext* context) const { SspiFreeAsyncContext(context); }
};
using Async = std::unique_ptr<SspiAsyncContext, FreeAsync>;

Async new_async() {
  Async async(SspiCreateAsyncContext());
  EXPECT_NE(async, nullptr);
  return async;
}

bool is_readable(const Async& async) {
  pollfd watched{.fd = SspiGetAsyncDescriptor(async.get()), .events = POLLIN, .revents = 0};
  return poll(&watched, 1, 0) == 1;
}

/// What an event loop does, until the call has ended.
SECURITY_STATUS await(const Async& async) {
  constexpr int kPatience = 60'000;
  for (;;) {
    const SECURITY_STATUS status = SspiGetAsyncCallStatus(async.get());
    if (status != SEC_I_ASYNC_CALL_PENDING) return status;
    pollfd watched{.fd = SspiGetAsyncDescriptor(async.get()), .events = POLLIN, .revents = 0};
    if (poll(&watched, 1, kPatience) != 1) {
      ADD_FAILURE() << "the descriptor never became readable";
      return status;
    }
  }
}

/// Carries these on until something else has happened, which no descriptor tells.
template <class Happened>
void turn_until(const std::vector<const Async*>& calls, Happened&& happened) {
  std::vector<pollfd> watched;
  for (const Async* call : calls)
    watched.push_back({.fd = SspiGetAsyncDescriptor(call->get()), .events = POLLIN, .revents = 0});
  while (!happened()) {
    constexpr int kLook = 1;
    poll(watched.data(), watched.size(), kLook);
    for (const Async* call : calls) (void)SspiGetAsyncCallStatus(call->get());
  }
}

void anchor(Peer& peer) {
  EXPECT_FALSE(peer.welcome(kKey));
  EXPECT_FALSE(peer.read()) << "something was said on the anchor";
}

std::string answer_to(const ReceivedFrame& frame) {
  switch (frame.header.opcode) {
    case proto::Opcode::AcquireCredentialsHandle:
      return reply_to(frame, test::acquire_reply(kCredential));
    case proto::Opcode::InitializeSecurityContext:
      return reply_to(frame, test::initialize_reply(SEC_E_OK, kContext), "token");
    case proto::Opcode::EncryptMessage:  // a seal that anybody can open
      return reply_to(frame, test::encrypt_reply(SEC_E_OK, 1, 0), frame.payload + "T");
    default:
      return {};
  }
}

/// Joins, then answers whatever comes.
void serve(Peer& peer) {
  if (!peer.welcome(kKey)) return;
  while (const auto frame = peer.read()) peer.write(answer_to(*frame));
}

class AsyncCallTest : public testing::Test {
 protected:
  AsyncCallTest() { setenv("SSPI_CONNECT_TIMEOUT", "0", 1); }
  ~AsyncCallTest() override {
    unsetenv("SSPI_CONNECT_TIMEOUT");
    if (const auto session = Session::existing()) Session::abandon(session);
  }

  SECURITY_STATUS start_acquire(const Async& async) {
    static char package[] = "Kerberos";
    return SspiAcquireCredentialsHandleAsyncA(async.get(), nullptr, package, SECPKG_CRED_INBOUND, nullptr, nullptr,
                                              nullptr, nullptr, &credential_, nullptr);
  }

  SECURITY_STATUS acquire() {
    static char package[] = "Kerberos";
    return AcquireCredentialsHandleA(nullptr, package, SECPKG_CRED_INBOUND, nullptr, nullptr, nullptr, nullptr,
                                     &credential_, nullptr);
  }

  /// A context of the fake daemon's.
  void establish() {
    ASSERT_EQ(acquire(), SEC_E_OK);
    std::array<char, 16> memory{};
    SecBuffer token{memory.size(), SECBUFFER_TOKEN, memory.data()};
    SecBufferDesc output{SECBUFFER_VERSION, 1, &token};
    ULONG attributes = 0;
    static char target[] = "host/x";
    ASSERT_EQ(InitializeSecurityContextA(&credential_, nullptr, target, 0, 0, 0, nullptr, 0, &context_, &output,
                                         &attributes, nullptr),
              SEC_E_OK);
  }

  CredHandle credential_{};
  CtxtHandle context_{};
};

/// A message with room for its token.
struct Message {
  explicit Message(std::string plain) : data(std::move(plain)) {}
  std::string data;
  std::array<char, 16> token{};
  std::array<SecBuffer, 2> buffers{};
  SecBufferDesc descriptor{};

  PSecBufferDesc get() {
    buffers = {{{static_cast<ULONG>(token.size()), SECBUFFER_TOKEN, token.data()},
                {static_cast<ULONG>(data.size()), SECBUFFER_DATA, data.data()}}};
    descriptor = {SECBUFFER_VERSION, static_cast<ULONG>(buffers.size()), buffers.data()};
    return &descriptor;
  }
};

TEST_F(AsyncCallTest, is_pending_until_the_answer_is_here) {
  std::binary_semaphore asked(0), may_answer(0);
  FakeDaemon daemon({anchor, [&](Peer& peer) {
                       (void)peer.welcome(kKey);
                       const auto frame = peer.read();
                       asked.release();
                       may_answer.acquire();
                       peer.write(answer_to(*frame));
                       EXPECT_FALSE(peer.read());
                     }});
  const Async async = new_async();
  ASSERT_EQ(start_acquire(async), SEC_E_OK);
  turn_until({&async}, [&] { return asked.try_acquire(); });
  EXPECT_EQ(SspiGetAsyncCallStatus(async.get()), SEC_I_ASYNC_CALL_PENDING);
  EXPECT_FALSE(is_readable(async));
  EXPECT_NE(credential_.dwLower, kCredential.id()) << "handles are published when the call has ended";
  may_answer.release();
  EXPECT_EQ(await(async), SEC_E_OK);
  EXPECT_EQ(credential_.dwLower, kCredential.id());
  EXPECT_EQ(credential_.dwUpper, kCredential.tag());
  EXPECT_EQ(SspiGetAsyncCallStatus(async.get()), SEC_E_OK) << "as often as asked";
  EXPECT_FALSE(is_readable(async)) << "its end was told";
}

TEST_F(AsyncCallTest, calls_back_once_and_only_when_dispatched) {
  FakeDaemon daemon({anchor, serve});
  const Async async = new_async();
  int calls = 0;
  EXPECT_FALSE(SspiAsyncContextRequiresNotify(async.get()));
  ASSERT_EQ(SspiSetAsyncNotifyCallback(
                async.get(), [](SspiAsyncContext*, void* data) { ++*static_cast<int*>(data); }, &calls),
            SEC_E_OK);
  EXPECT_TRUE(SspiAsyncContextRequiresNotify(async.get()));
  ASSERT_EQ(start_acquire(async), SEC_E_OK);
  EXPECT_EQ(await(async), SEC_E_OK);
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(is_readable(async)) << "a callback is due";
  EXPECT_FALSE(SspiCancelAsyncCall(async.get())) << "it has ended";
  EXPECT_EQ(start_acquire(async), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(SspiReinitAsyncContext(async.get()), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(SspiDispatchAsyncCall(async.get()), SEC_E_OK);
  EXPECT_EQ(SspiDispatchAsyncCall(async.get()), SEC_E_OK);
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(is_readable(async));
  EXPECT_EQ(SspiReinitAsyncContext(async.get()), SEC_E_OK);
  EXPECT_EQ(SspiGetAsyncCallStatus(async.get()), SEC_E_INVALID_PARAMETER) << "no call was made";
}

TEST_F(AsyncCallTest, may_be_freed_by_its_callback) {
  FakeDaemon daemon({anchor, serve});
  Async async = new_async();
  SspiSetAsyncNotifyCallback(
      async.get(), [](SspiAsyncContext*, void* owner) { static_cast<Async*>(owner)->reset(); }, &async);
  ASSERT_EQ(start_acquire(async), SEC_E_OK);
  while (SspiDispatchAsyncCall(async.get()) == SEC_I_ASYNC_CALL_PENDING) {
    pollfd watched{.fd = SspiGetAsyncDescriptor(async.get()), .events = POLLIN, .revents = 0};
    ASSERT_EQ(poll(&watched, 1, 60'000), 1);
  }
  EXPECT_EQ(async, nullptr);
}

TEST_F(AsyncCallTest, starts_nothing_without_a_free_context) {
  EXPECT_EQ(start_acquire(nullptr), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(SspiGetAsyncCallStatus(nullptr), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(SspiGetAsyncDescriptor(nullptr), -1);
  SspiFreeAsyncContext(nullptr);
  EXPECT_FALSE(SspiCancelAsyncCall(nullptr));
}

TEST_F(AsyncCallTest, ends_at_once_where_nothing_is_to_be_asked) {
  const Async async = new_async();
  CtxtHandle stranger{1, 2};
  Message message("text");
  ASSERT_EQ(SspiEncryptMessageAsync(async.get(), &stranger, 0, message.get(), 0), SEC_E_OK);
  EXPECT_TRUE(is_readable(async));
  EXPECT_EQ(SspiGetAsyncCallStatus(async.get()), SEC_E_INVALID_HANDLE);
  EXPECT_STRNE(SspiGetLastErrorText(), "");
}

TEST_F(AsyncCallTest, receives_an_answer_that_comes_byte_by_byte) {
  FakeDaemon daemon({anchor, [](Peer& peer) {
                       (void)peer.welcome(kKey);
                       while (const auto frame = peer.read())
                         for (const char byte : answer_to(*frame)) peer.write(std::string(1, byte));
                     }});
  establish();
  const Async async = new_async();
  Message message(std::string(300, 'p'));
  ASSERT_EQ(SspiEncryptMessageAsync(async.get(), &context_, 0, message.get(), 0), SEC_E_OK);
  EXPECT_EQ(await(async), SEC_E_OK);
  EXPECT_EQ(message.data, std::string(300, 'p'));
  EXPECT_EQ(message.buffers[0].cbBuffer, 1u);
  EXPECT_EQ(message.token[0], 'T');
}

TEST_F(AsyncCallTest, sends_a_message_that_the_socket_does_not_hold) {
  std::binary_semaphore may_read(0);
  FakeDaemon daemon({anchor, [&](Peer& peer) {
                       (void)peer.welcome(kKey);
                       peer.write(answer_to(*peer.read()));
                       peer.write(answer_to(*peer.read()));
                       may_read.acquire();
                       peer.write(answer_to(*peer.read()));
                       EXPECT_FALSE(peer.read());
                     }});
  establish();
  const Async async = new_async();
  std::string plain(std::size_t{3} << 20, 'x');
  plain.back() = 'y';
  Message message(plain);
  ASSERT_EQ(SspiEncryptMessageAsync(async.get(), &context_, 0, message.get(), 0), SEC_E_OK);
  EXPECT_EQ(SspiGetAsyncCallStatus(async.get()), SEC_I_ASYNC_CALL_PENDING);
  EXPECT_FALSE(is_readable(async)) << "the socket is full";
  may_read.release();
  EXPECT_EQ(await(async), SEC_E_OK);
  EXPECT_EQ(message.data, plain);
}

TEST_F(AsyncCallTest, cancelled_touches_nothing_and_ends_its_connection) {
  std::binary_semaphore asked(0), ended(0);
  FakeDaemon daemon({anchor,
                     [&](Peer& peer) {
                       (void)peer.welcome(kKey);
                       EXPECT_TRUE(peer.read());
                       asked.release();
                       EXPECT_FALSE(peer.read());
                       ended.release();
                     },
                     serve});
  const Async async = new_async();
  ASSERT_EQ(start_acquire(async), SEC_E_OK);
  turn_until({&async}, [&] { return asked.try_acquire(); });
  const CredHandle untouched = credential_;
  EXPECT_TRUE(SspiCancelAsyncCall(async.get()));
  EXPECT_FALSE(SspiCancelAsyncCall(async.get()));
  ended.acquire();
  EXPECT_EQ(credential_.dwLower, untouched.dwLower);
  EXPECT_EQ(SspiGetAsyncCallStatus(async.get()), SEC_E_INVALID_PARAMETER);
  EXPECT_FALSE(is_readable(async));
  ASSERT_EQ(start_acquire(async), SEC_E_OK);
  EXPECT_EQ(await(async), SEC_E_OK);
}

TEST_F(AsyncCallTest, deletes_although_its_context_is_freed_at_once) {
  std::mutex mutex;
  std::vector<proto::Opcode> seen;
  std::binary_semaphore both(0);
  const auto note = [&](Peer& peer) {
    if (!peer.welcome(kKey)) return;
    while (const auto frame = peer.read()) {
      if (proto::is_one_way(frame->header.opcode)) {
        const std::lock_guard lock(mutex);
        seen.push_back(frame->header.opcode);
        if (seen.size() == 2) both.release();
      }
      peer.write(answer_to(*frame));
    }
  };
  FakeDaemon daemon({anchor, note});
  establish();
  SspiDeleteSecurityContextAsync(new_async().get(), &context_);
  SspiFreeCredentialsHandleAsync(new_async().get(), &credential_);
  both.acquire();
  const std::lock_guard lock(mutex);
  EXPECT_EQ(seen, (std::vector{proto::Opcode::DeleteSecurityContext, proto::Opcode::FreeCredentialsHandle}));
}

/// One connection answers the calls that make the context; from then on each message waits for its permission.
class AsyncCallsOnOneContextTest : public AsyncCallTest {
 protected:
  FakeDaemon::Script gated() {
    return [this](Peer& peer) {
      if (!peer.welcome(kKey)) return;
      while (const auto frame = peer.read()) {
        if (frame->header.opcode == proto::Opcode::EncryptMessage) {
          ++asked_;
          may_answer_.acquire();
        }
        peer.write(answer_to(*frame));
      }
    };
  }

  std::atomic<int> asked_ = 0;
  std::counting_semaphore<> may_answer_{0};
};

TEST_F(AsyncCallsOnOneContextTest, are_carried_out_one_after_another) {
  FakeDaemon daemon({anchor, gated(), gated(), gated()});
  establish();
  const Async first = new_async(), second = new_async(), third = new_async();
  Message one("1"), two("2"), three("3");
  ASSERT_EQ(SspiEncryptMessageAsync(first.get(), &context_, 0, one.get(), 0), SEC_E_OK);
  ASSERT_EQ(SspiEncryptMessageAsync(second.get(), &context_, 0, two.get(), 0), SEC_E_OK);
  ASSERT_EQ(SspiEncryptMessageAsync(third.get(), &context_, 0, three.get(), 0), SEC_E_OK);
  turn_until({&first, &second, &third}, [&] { return asked_ == 1; });
  EXPECT_FALSE(is_readable(second));
  EXPECT_FALSE(is_readable(third));
  EXPECT_TRUE(SspiCancelAsyncCall(second.get())) << "who waits may leave";
  may_answer_.release();
  EXPECT_EQ(await(first), SEC_E_OK);
  EXPECT_TRUE(is_readable(third)) << "its turn has come";
  may_answer_.release();
  EXPECT_EQ(await(third), SEC_E_OK);
  EXPECT_EQ(asked_, 2);
}

TEST_F(AsyncCallsOnOneContextTest, are_not_waited_for_by_synchronous_ones) {
  FakeDaemon daemon({anchor, gated(), gated()});
  establish();
  const Async async = new_async();
  Message one("1"), two("2");
  ASSERT_EQ(SspiEncryptMessageAsync(async.get(), &context_, 0, one.get(), 0), SEC_E_OK);
  EXPECT_EQ(EncryptMessage(&context_, 0, two.get(), 0), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(two.data, "2");
  SecPkgContext_Sizes sizes{};
  EXPECT_EQ(QueryContextAttributesW(&context_, SECPKG_ATTR_SIZES, &sizes), SEC_E_INVALID_PARAMETER);

  const Async waiting = new_async();
  ASSERT_EQ(SspiEncryptMessageAsync(waiting.get(), &context_, 0, two.get(), 0), SEC_E_OK);
  EXPECT_EQ(DeleteSecurityContext(&context_), SEC_E_OK);
  may_answer_.release();
  EXPECT_EQ(await(async), SEC_E_OK);
  EXPECT_EQ(await(waiting), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(asked_, 1);
}

TEST_F(AsyncCallTest, waits_for_a_synchronous_call_of_another_thread) {
  std::binary_semaphore asked(0), may_answer(0);
  const auto first_message_waits = [&](Peer& peer) {
    if (!peer.welcome(kKey)) return;
    while (const auto frame = peer.read()) {
      if (frame->payload == "sync") {
        asked.release();
        may_answer.acquire();
      }
      peer.write(answer_to(*frame));
    }
  };
  FakeDaemon daemon({anchor, first_message_waits, first_message_waits});
  establish();
  Message one("sync"), two("async");
  std::thread other([&] { EXPECT_EQ(EncryptMessage(&context_, 0, one.get(), 0), SEC_E_OK); });
  asked.acquire();
  const Async async = new_async();
  ASSERT_EQ(SspiEncryptMessageAsync(async.get(), &context_, 0, two.get(), 0), SEC_E_OK);
  EXPECT_FALSE(is_readable(async));
  may_answer.release();
  EXPECT_EQ(await(async), SEC_E_OK);
  other.join();
}

TEST_F(AsyncCallTest, fails_where_the_daemon_dies_meanwhile) {  // E-188
  std::binary_semaphore asked(0);
  FakeDaemon daemon({anchor, [&](Peer& peer) {
                       (void)peer.welcome(kKey);
                       peer.write(answer_to(*peer.read()));
                       peer.write(answer_to(*peer.read()));
                       (void)peer.read();
                       asked.release();
                     }});
  establish();
  const Async async = new_async();
  Message message("text");
  ASSERT_EQ(SspiEncryptMessageAsync(async.get(), &context_, 0, message.get(), 0), SEC_E_OK);
  turn_until({&async}, [&] { return asked.try_acquire(); });
  daemon.drop_all();
  EXPECT_EQ(await(async), SEC_E_INTERNAL_ERROR);
  ASSERT_EQ(SspiEncryptMessageAsync(async.get(), &context_, 0, message.get(), 0), SEC_E_OK);
  EXPECT_EQ(await(async), SEC_E_INVALID_HANDLE);
}

TEST_F(AsyncCallTest, is_the_parent_s_alone_after_a_fork) {
  std::binary_semaphore asked(0), may_answer(0);
  FakeDaemon daemon({anchor,
                     [&](Peer& peer) {
                       (void)peer.welcome(kKey);
                       const auto frame = peer.read();
                       asked.release();
                       may_answer.acquire();
                       peer.write(answer_to(*frame));
                       EXPECT_FALSE(peer.read());
                     },
                     serve});
  const Async async = new_async();
  ASSERT_EQ(start_acquire(async), SEC_E_OK);
  turn_until({&async}, [&] { return asked.try_acquire(); });
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    const bool ended = SspiGetAsyncCallStatus(async.get()) == SEC_E_INVALID_HANDLE;
    // It may be used again, with a connection of the child's own.
    const bool works = start_acquire(async) == SEC_E_OK && await(async) == SEC_E_OK;
    _exit(ended && works ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(SspiGetAsyncCallStatus(async.get()), SEC_I_ASYNC_CALL_PENDING);
  may_answer.release();
  EXPECT_EQ(await(async), SEC_E_OK);
}

TEST_F(AsyncCallTest, opens_the_session_when_the_daemon_comes_back) {
  setenv("SSPI_CONNECT_TIMEOUT", "60", 1);
  setenv("SSPI_SOCKET", "/nonexistent/sspid.sock", 1);
  const Async async = new_async();
  ASSERT_EQ(start_acquire(async), SEC_E_OK);
  EXPECT_EQ(SspiGetAsyncCallStatus(async.get()), SEC_I_ASYNC_CALL_PENDING);
  FakeDaemon daemon({anchor, serve});
  EXPECT_EQ(await(async), SEC_E_OK);
}

TEST_F(AsyncCallTest, fails_where_nobody_listens) {
  setenv("SSPI_SOCKET", "/nonexistent/sspid.sock", 1);
  const Async async = new_async();
  ASSERT_EQ(start_acquire(async), SEC_E_OK);
  EXPECT_EQ(await(async), SEC_E_INTERNAL_ERROR);
  (void)DeleteSecurityContext(nullptr);  // another failure of this thread
  EXPECT_EQ(SspiGetAsyncCallStatus(async.get()), SEC_E_INTERNAL_ERROR);
  EXPECT_NE(std::string(SspiGetLastErrorText()).find("/nonexistent/sspid.sock"), std::string::npos);
  unsetenv("SSPI_SOCKET");
}

// What is in flight beyond the connections that it may have waits until one comes back. Who blocks does not wait for
// it.
TEST_F(AsyncCallTest, queues_what_there_is_no_connection_for) {
  constexpr std::size_t kCalls = kMostAsynchronous + 40;
  std::atomic<std::size_t> asked = 0;
  std::counting_semaphore<> may_answer(0);
  const auto gated = [&](Peer& peer) {
    if (!peer.welcome(kKey)) return;
    while (const auto frame = peer.read()) {
      ++asked;
      may_answer.acquire();
      peer.write(answer_to(*frame));
    }
  };
  std::vector<FakeDaemon::Script> scripts(1 + kMostAsynchronous, gated);
  scripts.front() = anchor;
  scripts.push_back(serve);
  FakeDaemon daemon(std::move(scripts));
  std::shared_ptr<Session> session;
  ASSERT_EQ(Session::current(session), SEC_E_OK);

  std::vector<Async> calls;
  std::vector<const Async*> all;
  for (std::size_t i = 0; i < kCalls; ++i) {
    calls.push_back(new_async());
    ASSERT_EQ(start_acquire(calls.back()), SEC_E_OK);
  }
  for (const Async& call : calls) all.push_back(&call);
  turn_until(all, [&] { return asked == kMostAsynchronous; });
  for (const Async& call : calls) EXPECT_EQ(SspiGetAsyncCallStatus(call.get()), SEC_I_ASYNC_CALL_PENDING);
  EXPECT_EQ(acquire(), SEC_E_OK);
  may_answer.release(kCalls);
  for (std::size_t i = 0; i < kCalls; ++i) EXPECT_EQ(await(calls[i]), SEC_E_OK) << i;
  EXPECT_GE(asked, kMostAsynchronous);
}

// As where the process is another user by now: there is one connection, and an asynchronous call has it.
TEST_F(AsyncCallTest, is_not_waited_for_where_there_is_no_other_connection) {
  std::binary_semaphore asked(0), may_answer(0);
  const auto reject = [](Peer& peer) {
    if (const auto hello = peer.read()) peer.write(reply_to(*hello, test::hello_reply(SEC_E_INVALID_HANDLE)));
    peer.hang_up();
  };
  FakeDaemon daemon({anchor,
                     [&](Peer& peer) {
                       (void)peer.welcome(kKey);
                       peer.write(answer_to(*peer.read()));
                       peer.write(answer_to(*peer.read()));
                       const auto frame = peer.read();
                       asked.release();
                       may_answer.acquire();
                       peer.write(answer_to(*frame));
                       peer.write(answer_to(*peer.read()));
                       EXPECT_FALSE(peer.read());
                     },
                     reject});
  establish();
  const Async first = new_async(), second = new_async();
  Message one("1");
  ASSERT_EQ(SspiEncryptMessageAsync(first.get(), &context_, 0, one.get(), 0), SEC_E_OK);
  asked.acquire();
  SecPkgCredentials_NamesW names{};
  EXPECT_EQ(QueryCredentialsAttributesW(&credential_, SECPKG_CRED_ATTR_NAMES, &names), SEC_E_INVALID_HANDLE);
  CtxtHandle another{};
  std::array<char, 16> memory{};
  SecBuffer token{memory.size(), SECBUFFER_TOKEN, memory.data()};
  SecBufferDesc output{SECBUFFER_VERSION, 1, &token};
  static char target[] = "host/y";
  ASSERT_EQ(SspiInitializeSecurityContextAsyncA(second.get(), &credential_, nullptr, target, 0, 0, 0, nullptr, 0,
                                                &another, &output, nullptr, nullptr),
            SEC_E_OK);
  EXPECT_EQ(SspiGetAsyncCallStatus(second.get()), SEC_I_ASYNC_CALL_PENDING) << "asynchronous calls wait";
  may_answer.release();
  EXPECT_EQ(await(first), SEC_E_OK);
  EXPECT_EQ(await(second), SEC_E_OK);
}

}  // namespace
}  // namespace sspi
