#include "client-lib/session.h"

#include <atomic>
#include <barrier>
#include <semaphore>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client-lib/exchange.h"
#include "fake_daemon.h"

namespace sspi {
namespace {

using test::FakeDaemon;
using test::Peer;
using test::reply_to;

const proto::SessionKey kKey(0x0102030405060708, 0x1112131415161718);

/// The anchor: greeted, and silent until it is closed.
void anchor(Peer& peer) {
  EXPECT_FALSE(peer.welcome(kKey, "KCM:42"));
  EXPECT_FALSE(peer.read()) << "something was said on the anchor";
}

void answer_pings(Peer& peer) {
  while (const auto frame = peer.read()) peer.write(reply_to(*frame, test::ping_reply("v")));
}

/// A connection that joins and then answers whatever comes.
void worker(Peer& peer) {
  const auto key = peer.welcome(kKey);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->high(), kKey.high());
  EXPECT_EQ(key->low(), kKey.low());
  answer_pings(peer);
}

void reject(Peer& peer) {
  if (const auto hello = peer.read()) peer.write(reply_to(*hello, test::hello_reply(SEC_E_INVALID_HANDLE)));
  peer.hang_up();
}

void hang_up(Peer& peer) {
  (void)peer.read();
  peer.hang_up();
}

void refuse(Peer& peer) {
  const auto header = proto::encode_header(
      {.request = static_cast<std::uint32_t>(proto::Refusal::not_served), .opcode = proto::Opcode::Refused});
  peer.write({reinterpret_cast<const char*>(header.data()), header.size()});
  peer.hang_up();
}

Exchange ping(Session& session) {
  TableBuilder builder;
  Answer answer;
  const Request request{.opcode = proto::Opcode::Ping, .table = builder.finish(proto::CreatePingRequest(builder))};
  const Exchange exchange = session.transact(request, {}, answer);
  EXPECT_TRUE(exchange != Exchange::done || answer.read<proto::PingReply>() != nullptr);
  return exchange;
}

class SessionTest : public testing::Test {
 protected:
  SessionTest() { setenv("SSPI_CONNECT_TIMEOUT", "0", 1); }
  ~SessionTest() override {
    unsetenv("SSPI_CONNECT_TIMEOUT");
    close();
  }

  SECURITY_STATUS open() { return Session::current(session_); }
  void close() {
    Session::abandon(session_);
    session_.reset();
  }

  std::shared_ptr<Session> session_;
};

TEST_F(SessionTest, opens_once_and_joins_by_its_key) {
  FakeDaemon daemon({anchor, worker});
  ASSERT_EQ(open(), SEC_E_OK);
  EXPECT_EQ(session_->default_cache(), "KCM:42");
  EXPECT_EQ(ping(*session_), Exchange::done);
  EXPECT_EQ(ping(*session_), Exchange::done);
  std::shared_ptr<Session> again;
  ASSERT_EQ(Session::current(again), SEC_E_OK);
  EXPECT_EQ(again, session_);
  again.reset();
  close();
  daemon.finish();
}

TEST_F(SessionTest, connects_once_more_when_closed_before_hello_is_answered) {
  FakeDaemon daemon({hang_up, anchor, hang_up, worker});
  ASSERT_EQ(open(), SEC_E_OK);
  EXPECT_EQ(ping(*session_), Exchange::done);
  close();
  daemon.finish();
}

TEST_F(SessionTest, gives_up_when_it_is_closed_again) {
  FakeDaemon daemon({hang_up, hang_up});
  EXPECT_EQ(open(), SEC_E_INTERNAL_ERROR);
  daemon.finish();
}

TEST_F(SessionTest, says_who_is_refused) {
  FakeDaemon daemon({refuse});
  EXPECT_EQ(open(), SEC_E_NOT_OWNER);
  EXPECT_NE(std::string(last_error_text()).find("policy"), std::string::npos);
}

TEST_F(SessionTest, fails_where_nobody_listens) {
  setenv("SSPI_SOCKET", "/nonexistent/sspid.sock", 1);
  EXPECT_EQ(open(), SEC_E_INTERNAL_ERROR);
  EXPECT_NE(std::string(last_error_text()).find("/nonexistent/sspid.sock"), std::string::npos);
  unsetenv("SSPI_SOCKET");
}

TEST_F(SessionTest, is_gone_when_an_idle_connection_and_the_anchor_are_dead) {
  FakeDaemon daemon({anchor, worker, anchor, worker});
  ASSERT_EQ(open(), SEC_E_OK);
  ASSERT_EQ(ping(*session_), Exchange::done);
  daemon.drop_all();
  EXPECT_EQ(ping(*session_), Exchange::gone);
  EXPECT_EQ(ping(*session_), Exchange::gone);

  // Whoever needs no handle gets a new session without noticing.
  const std::shared_ptr<Session> old = session_;
  EXPECT_EQ(Session::on_current([&](const std::shared_ptr<Session>& current) {
              session_ = current;
              return ping(*current);
            }),
            SEC_E_OK);
  EXPECT_NE(session_, old);
}

TEST_F(SessionTest, survives_the_death_of_one_connection) {
  std::binary_semaphore dead(0);
  const auto dies_when_idle = [&](Peer& peer) {
    (void)peer.welcome(kKey);
    peer.write(reply_to(*peer.read(), test::ping_reply("v")));
    peer.hang_up();
    dead.release();
  };
  FakeDaemon daemon({anchor, dies_when_idle, worker});
  ASSERT_EQ(open(), SEC_E_OK);
  ASSERT_EQ(ping(*session_), Exchange::done);
  dead.acquire();
  EXPECT_EQ(ping(*session_), Exchange::done);
}

TEST_F(SessionTest, repeats_no_call_whose_outcome_is_unknown) {
  std::atomic<int> calls = 0;
  const auto dies_in_the_call = [&](Peer& peer) {
    (void)peer.welcome(kKey);
    if (peer.read()) ++calls;
    peer.hang_up();
  };
  FakeDaemon daemon({anchor, dies_in_the_call, worker});
  ASSERT_EQ(open(), SEC_E_OK);
  EXPECT_EQ(ping(*session_), Exchange::lost);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(ping(*session_), Exchange::done);
}

TEST_F(SessionTest, ends_a_connection_whose_reply_does_not_verify) {
  FakeDaemon daemon({anchor,
                     [](Peer& peer) {
                       (void)peer.welcome(kKey);
                       const auto frame = peer.read();
                       peer.write(reply_to(*frame, std::string(64, '\x7F')));
                       EXPECT_FALSE(peer.read());
                     },
                     worker});
  ASSERT_EQ(open(), SEC_E_OK);
  TableBuilder builder;
  const Request request{.opcode = proto::Opcode::Ping, .table = builder.finish(proto::CreatePingRequest(builder))};
  {
    Answer answer;
    const proto::PingReply* reply = nullptr;
    EXPECT_EQ(ask(*session_, request, {}, answer, reply), SEC_E_INTERNAL_ERROR);
  }
  EXPECT_EQ(ping(*session_), Exchange::done);
}

TEST_F(SessionTest, waits_for_a_connection_where_joining_is_refused) {
  std::binary_semaphore first_is_inside(0), second_is_refused(0);
  const auto only_connection = [&](Peer& peer) {
    (void)peer.welcome(kKey);
    const auto first = peer.read();
    first_is_inside.release();
    second_is_refused.acquire();
    peer.write(reply_to(*first, test::ping_reply("v")));
    const auto second = peer.read();
    ASSERT_TRUE(second);
    peer.write(reply_to(*second, test::ping_reply("v")));
    (void)peer.read();
  };
  const auto refuse_to_join = [&](Peer& peer) {
    reject(peer);
    second_is_refused.release();
  };
  FakeDaemon daemon({anchor, only_connection, refuse_to_join});
  ASSERT_EQ(open(), SEC_E_OK);
  std::jthread first([&] { EXPECT_EQ(ping(*session_), Exchange::done); });
  first_is_inside.acquire();
  EXPECT_EQ(ping(*session_), Exchange::done);
  first.join();
}

TEST_F(SessionTest, is_out_of_reach_where_joining_is_refused_and_there_is_no_connection) {
  FakeDaemon daemon({anchor, reject});
  ASSERT_EQ(open(), SEC_E_OK);
  EXPECT_EQ(ping(*session_), Exchange::gone);
}

TEST_F(SessionTest, keeps_a_few_idle_connections_and_closes_the_rest) {
  constexpr int kThreads = 12;
  std::barrier all_inside(kThreads);
  std::counting_semaphore<kThreads> closed(0);
  const auto one_of_many = [&](Peer& peer) {
    (void)peer.welcome(kKey);
    const auto frame = peer.read();
    ASSERT_TRUE(frame);
    all_inside.arrive_and_wait();
    peer.write(reply_to(*frame, test::ping_reply("v")));
    answer_pings(peer);
    closed.release();
  };
  std::vector<FakeDaemon::Script> scripts(kThreads + 1, one_of_many);
  scripts.front() = anchor;
  FakeDaemon daemon(std::move(scripts));
  ASSERT_EQ(open(), SEC_E_OK);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) threads.emplace_back([&] { EXPECT_EQ(ping(*session_), Exchange::done); });
  }
  for (int surplus = 0; surplus < kThreads - 8; ++surplus) closed.acquire();
  EXPECT_FALSE(closed.try_acquire());
  EXPECT_EQ(ping(*session_), Exchange::done);
}

TEST_F(SessionTest, lets_a_child_join_with_a_connection_of_its_own) {
  std::atomic<int> parents_calls = 0;
  const auto parents = [&](Peer& peer) {
    (void)peer.welcome(kKey);
    while (const auto frame = peer.read()) {
      ++parents_calls;
      peer.write(reply_to(*frame, test::ping_reply("v")));
    }
  };
  FakeDaemon daemon({anchor, parents, worker});
  ASSERT_EQ(open(), SEC_E_OK);
  ASSERT_EQ(ping(*session_), Exchange::done);
  const pid_t child = fork();
  if (child == 0) _exit(ping(*session_) == Exchange::done ? 0 : 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(ping(*session_), Exchange::done);
  EXPECT_EQ(parents_calls, 2);
}

TEST_F(SessionTest, gives_a_child_that_may_not_join_a_session_of_its_own) {
  FakeDaemon daemon({anchor, worker, reject, anchor, worker, reject});
  ASSERT_EQ(open(), SEC_E_OK);
  ASSERT_EQ(ping(*session_), Exchange::done);
  const pid_t child = fork();
  if (child == 0) {
    std::shared_ptr<Session> own;
    const SECURITY_STATUS opened = Session::on_current([&](const std::shared_ptr<Session>& current) {
      own = current;
      return ping(*current);
    });
    _exit(opened == SEC_E_OK && own != session_ && ping(*session_) == Exchange::gone ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(ping(*session_), Exchange::done);
}

}  // namespace
}  // namespace sspi
