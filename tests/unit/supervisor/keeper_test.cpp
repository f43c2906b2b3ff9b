// A worker is started, replaced and given its files and connections. The workers here are processes as in the daemon:
// this executable once more, with a command line that says how it is to behave.
#include "daemon/supervisor/keeper.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/frame.h"
#include "scratch.h"

namespace sspid::supervisor {
namespace {

// ---- The worker
// ------------------------------------------------------------------------------------------------------

std::string first_bytes_of(const proto::Descriptor& file) {
  std::array<char, 4096> bytes{};
  const auto got = ::pread(file.get(), bytes.data(), bytes.size(), 0);
  return {bytes.data(), static_cast<std::size_t>(got < 0 ? 0 : got)};
}

// Tells each client what it was told about it: "uid gid pid keytab". With `idles` it claims to have nobody left, each
// time.
int serve_honestly(bool idles = false) {
  if (control::send(control::kWorkerSocket, control::Ready{}) != control::Sent::done) return 1;
  for (const bool by_quota : {true, false})
    if (control::send(control::kWorkerSocket, control::TurnedAway{7, by_quota}) != control::Sent::done) return 1;
  std::string keytab = "none";
  std::string identity;
  std::uint32_t connections = 0;
  while (true) {
    pollfd socket{control::kWorkerSocket, POLLIN, 0};
    ::poll(&socket, 1, -1);
    auto received = control::receive(control::kWorkerSocket);
    if (std::holds_alternative<control::Closed>(received)) return 0;
    auto* message = std::get_if<control::Received>(&received);
    if (message == nullptr) continue;
    if (const auto* connection = std::get_if<control::Connection>(&message->message)) {
      const Peer& peer = connection->peer;
      const auto line = std::to_string(peer.uid) + " " + std::to_string(peer.gid) + " " + std::to_string(peer.pid) +
                        " " + keytab + identity;
      if (::send(message->descriptor.get(), line.data(), line.size(), MSG_NOSIGNAL) < 0) return 1;
      ++connections;
      if (idles && control::send(control::kWorkerSocket, control::Idle{connections}) != control::Sent::done) return 1;
    } else if (std::holds_alternative<control::Grant>(message->message)) {
      const auto grant = decode_grant(first_bytes_of(message->descriptor));
      identity = grant && grant->identity != "test" ? " of " + grant->identity : "";
    } else {
      keytab = message->descriptor ? first_bytes_of(message->descriptor) : "none";
    }
  }
}

int send_garbage_and_wait() {
  if (::send(control::kWorkerSocket, "garbage", 7, 0) != 7) return 1;
  while (true) ::pause();
}

// Says in one go all that a worker may say, many times, and then what none may. Makes the file when it has.
int talk_without_a_pause(const char* file) {
  bool good = control::send(control::kWorkerSocket, control::Ready{}) == control::Sent::done;
  for (int i = 0; i < 50; ++i)
    good = good && control::send(control::kWorkerSocket, control::Alive{}) == control::Sent::done;
  good = good && ::send(control::kWorkerSocket, "garbage", 7, 0) == 7;
  if (!good || ::open(file, O_CREAT | O_CLOEXEC, 0600) < 0) return 1;
  while (true) ::pause();
}

// Once in the way that `fault` names, from then on honestly; the file remembers.
int fail_once(const std::string& fault, const char* file) {
  if (::open(file, O_CREAT | O_EXCL | O_CLOEXEC, 0600) < 0) return serve_honestly();
  if (fault == "exit") return 3;
  if (fault == "garbage") return send_garbage_and_wait();
  if (fault == "hang") return ::raise(SIGSTOP);
  if (fault == "hang-up") {
    ::close(control::kWorkerSocket);
    return 0;
  }
  return ::raise(SIGKILL);
}

// ---- The tests
// -------------------------------------------------------------------------------------------------------

struct Client {
  proto::Descriptor theirs;
  proto::Descriptor ours;

  Client() {
    std::array<int, 2> pair{-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    ours.reset(pair[0]);
    theirs.reset(pair[1]);
  }

  // Everything until the other side closes.
  [[nodiscard]] std::string reads() const {
    std::string all;
    std::array<char, 256> piece{};
    for (ssize_t got = 0; (got = ::read(ours.get(), piece.data(), piece.size())) > 0;)
      all.append(piece.data(), static_cast<std::size_t>(got));
    return all;
  }
};

class KeeperTest : public ::testing::Test {
 protected:
  static const proto::Descriptor& itself() {
    static const proto::Descriptor executable{::open("/proc/self/exe", O_PATH | O_CLOEXEC)};
    return executable;
  }

  static WorkerPlan plan(std::vector<std::string> arguments, const std::string& keytab = {}) {
    WorkerPlan plan;
    plan.program = itself().get();
    plan.arguments = std::move(arguments);
    plan.environment = worker_environment();
    plan.grant.identity = "test";
    if (!keytab.empty()) plan.keytab = KeyFile{keytab, {}};
    return plan;
  }

  Keeper::Hooks hooks() {
    return {[this] { ++ready_; }, [this](const std::string& rule,
                                         std::uint32_t connections) { turned_away_.emplace_back(rule, connections); }};
  }

  Keeper& start(WorkerPlan plan, Keeper::Presence presence = Keeper::Presence::always) {
    keeper_.emplace(io_.get_executor(), std::move(plan), presence, hooks());
    run();
    return *keeper_;
  }
  Keeper& start(std::vector<std::string> arguments, const std::string& keytab = {}) {
    return start(plan(std::move(arguments), keytab));
  }

  void run() {
    asio::co_spawn(io_, keeper_->run(), [this](const std::exception_ptr& error) {
      EXPECT_FALSE(error);
      ended_ = true;
    });
  }

  void await_end() {
    while (!ended_) io_.run_one();
    ended_ = false;
  }

  void await_ready(int times) {
    while (ready_ < times) io_.run_one();
  }

  // Runs the event loop until the client's end has something to read.
  void await_answer(const Client& client) {
    pollfd socket{client.ours.get(), POLLIN, 0};
    while (::poll(&socket, 1, 0) == 0) io_.run_one_for(std::chrono::milliseconds{10});
  }

  std::string handed_over(Client& client) {
    keeper_->hand_over({.uid = 7, .gid = 8, .pid = 9}, std::move(client.theirs));
    await_answer(client);
    return client.reads();
  }

  void stop() {
    keeper_->stop();
    await_end();
  }

  test::Directory directory_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};  // run_one() always waits
  std::optional<Keeper> keeper_;
  int ready_ = 0;
  std::vector<std::pair<std::string, std::uint32_t>> turned_away_;
  bool ended_ = false;
};

TEST_F(KeeperTest, worker_gets_connections_with_their_peer) {
  start({"honest"});
  Client client;
  EXPECT_EQ(handed_over(client), "7 8 9 none");
  stop();
}

TEST_F(KeeperTest, connections_that_come_before_the_worker_wait_for_it) {
  start({"honest"});
  std::array<Client, 5> clients;
  for (Client& client : clients) keeper_->hand_over({}, std::move(client.theirs));
  EXPECT_EQ(ready_, 0);
  for (const Client& client : clients) {
    await_answer(client);
    EXPECT_EQ(client.reads(), "0 0 0 none");
  }
  stop();
}

// More than the pair's queue holds: the rest waits in the supervisor until the worker has read.
TEST_F(KeeperTest, no_connection_is_lost_when_the_worker_cannot_keep_up) {
  start({"honest"});
  await_ready(1);
  std::vector<Client> clients(600);
  for (Client& client : clients) keeper_->hand_over({.uid = 1, .gid = 2, .pid = 3}, std::move(client.theirs));
  for (const Client& client : clients) {
    await_answer(client);
    ASSERT_EQ(client.reads(), "1 2 3 none");
  }
  stop();
}

TEST_F(KeeperTest, more_connections_than_may_wait_are_refused) {
  start({"honest"});
  std::optional<Client> refused;
  std::vector<Client> waiting;
  while (!refused) {
    Client client;
    ASSERT_LT(waiting.size(), 5000U);
    const auto bound = keeper_->hand_over({}, std::move(client.theirs));
    pollfd socket{client.ours.get(), POLLIN, 0};
    ASSERT_EQ(::poll(&socket, 1, 0) == 1, bound.has_value());
    if (bound)
      refused.emplace(std::move(client));
    else
      waiting.push_back(std::move(client));
  }
  const auto bytes = refused->reads();
  ASSERT_EQ(bytes.size(), proto::kHeaderSize);
  const auto header = proto::decode_header(std::span<const std::byte, proto::kHeaderSize>{
      reinterpret_cast<const std::byte*>(bytes.data()), proto::kHeaderSize});
  EXPECT_EQ(header.opcode, proto::Opcode::Refused);
  EXPECT_EQ(header.request, static_cast<std::uint32_t>(proto::Refusal::too_many));
  stop();
}

TEST_F(KeeperTest, connections_that_the_worker_turned_away_are_told_with_their_rule) {
  WorkerPlan one = plan({"honest"});
  one.grant.section = "services.web";
  start(one);
  while (turned_away_.size() < 2) io_.run_one();
  EXPECT_EQ(turned_away_[0], (std::pair<std::string, std::uint32_t>{"services.web.quotas.connections", 7}));
  EXPECT_EQ(turned_away_[1], (std::pair<std::string, std::uint32_t>{"connections of a worker", 7}));
  stop();
}

TEST_F(KeeperTest, worker_that_dies_is_replaced) {
  for (const char* fault : {"exit", "kill", "hang-up"}) {
    start({"once", fault, directory_.file(fault)});
    Client client;
    EXPECT_EQ(handed_over(client), "7 8 9 none") << fault;
    stop();
  }
}

TEST_F(KeeperTest, worker_that_breaks_the_control_protocol_is_killed_and_replaced) {
  start({"once", "garbage", directory_.file("garbage")});
  Client client;
  EXPECT_EQ(handed_over(client), "7 8 9 none");
  stop();
}

TEST_F(KeeperTest, keytab_is_there_before_the_first_connection) {
  const auto path = directory_.file("keytab");
  std::ofstream{path} << "keys";
  start({"honest"}, path);
  Client client;
  EXPECT_EQ(handed_over(client), "7 8 9 keys");
  stop();
}

TEST_F(KeeperTest, changed_keytab_is_there_before_the_next_connection) {
  const auto path = directory_.file("keytab");
  std::ofstream{path} << "keys";
  start({"honest"}, path);
  Client first;
  EXPECT_EQ(handed_over(first), "7 8 9 keys");
  std::ofstream{path} << "other keys";
  Client second;
  EXPECT_EQ(handed_over(second), "7 8 9 other keys");
  std::filesystem::remove(path);
  Client third;
  EXPECT_EQ(handed_over(third), "7 8 9 none");
  stop();
}

TEST_F(KeeperTest, new_worker_gets_the_keytab_too) {
  const auto path = directory_.file("keytab");
  std::ofstream{path} << "keys";
  start({"once", "kill", directory_.file("killed")}, path);
  Client client;
  EXPECT_EQ(handed_over(client), "7 8 9 keys");
  stop();
}

TEST_F(KeeperTest, what_is_allowed_is_there_before_the_first_connection_and_after_a_change) {
  WorkerPlan first = plan({"honest"});
  first.grant.identity = "somebody";
  start(first);
  Client client;
  EXPECT_EQ(handed_over(client), "7 8 9 none of somebody");
  WorkerPlan second = first;
  second.grant.identity = "somebody else";
  keeper_->change_plan(second);
  Client another;
  EXPECT_EQ(handed_over(another), "7 8 9 none of somebody else");
  EXPECT_EQ(ready_, 1) << "it is the same worker";
  stop();
}

TEST_F(KeeperTest, change_of_plan_changes_the_files) {
  std::ofstream{directory_.file("a")} << "keys of a";
  std::ofstream{directory_.file("b")} << "keys of b";
  start({"honest"}, directory_.file("a"));
  Client first;
  EXPECT_EQ(handed_over(first), "7 8 9 keys of a");
  keeper_->change_plan(plan({"honest"}, directory_.file("b")));
  Client second;
  EXPECT_EQ(handed_over(second), "7 8 9 keys of b");
  stop();
}

TEST_F(KeeperTest, idle_worker_on_demand_is_let_go) {
  start(plan({"idle"}), Keeper::Presence::on_demand);
  EXPECT_EQ(keeper_->pid(), -1);
  await_end();  // nobody waits
  Client client;
  keeper_->hand_over({.uid = 7, .gid = 8, .pid = 9}, std::move(client.theirs));
  run();
  await_end();
  EXPECT_EQ(client.reads(), "7 8 9 none");
  EXPECT_EQ(keeper_->past().deaths, 0U);
  Client another;  // and comes back
  keeper_->hand_over({.uid = 1, .gid = 2, .pid = 3}, std::move(another.theirs));
  run();
  await_end();
  EXPECT_EQ(another.reads(), "1 2 3 none");
}

// It says so before it has seen them.
TEST_F(KeeperTest, worker_is_not_idle_while_connections_are_on_their_way) {
  start(plan({"idle"}), Keeper::Presence::on_demand);
  std::vector<Client> clients(50);
  for (Client& client : clients) keeper_->hand_over({.uid = 7, .gid = 8, .pid = 9}, std::move(client.theirs));
  await_end();
  for (const Client& client : clients) EXPECT_EQ(client.reads(), "7 8 9 none");
  EXPECT_EQ(ready_, 1);
}

TEST_F(KeeperTest, worker_that_hangs_is_killed_and_replaced) {
  WorkerPlan impatient = plan({"once", "hang", directory_.file("hung")});
  impatient.patience = std::chrono::seconds{1};
  start(impatient);
  Client client;
  EXPECT_EQ(handed_over(client), "7 8 9 none");
  EXPECT_EQ(keeper_->past().deaths, 1U);
  stop();
}

TEST_F(KeeperTest, worker_that_talks_without_a_pause_lets_others_have_their_turn) {
  const std::string said = directory_.file("said");
  bool had_turn = false;
  keeper_.emplace(io_.get_executor(), plan({"talk", said}), Keeper::Presence::always,
                  Keeper::Hooks{[&] {
                                  asio::post(io_, [&] {
                                    had_turn = true;
                                    EXPECT_NE(keeper_->pid(), -1) << "what it said last was not heard yet";
                                  });
                                },
                                {}});
  run();
  while (keeper_->pid() == -1) io_.run_one();
  while (!std::filesystem::exists(said)) std::this_thread::yield();
  while (!had_turn) io_.run_one();
  while (keeper_->past().deaths == 0) io_.run_one();
  stop();
}

TEST_F(KeeperTest, worker_on_demand_that_dies_young_is_remembered_and_its_successor_not_hurried) {
  const auto die = [&](const Past& past) {
    keeper_.emplace(io_.get_executor(), plan({"nothing"}), Keeper::Presence::on_demand, hooks(), past);
    run();
    Client client;
    keeper_->hand_over({}, std::move(client.theirs));
    while (keeper_->past().deaths == past.deaths) io_.run_one();
    stop();
    return keeper_->past();
  };
  Past past = die({});
  EXPECT_EQ(past.deaths, 1U);
  past = die(past);
  EXPECT_EQ(past.deaths, 2U);
  EXPECT_GT(past.pause, Past::Clock::duration::zero());
  const auto rested = past.rested;
  past = die(past);
  EXPECT_EQ(past.deaths, 3U);
  EXPECT_GE(Past::Clock::now(), rested) << "no worker was started before";
}

TEST_F(KeeperTest, idle_worker_that_shall_be_there_always_stays) {
  start({"idle"});
  for (int i = 0; i < 3; ++i) {
    Client client;
    EXPECT_EQ(handed_over(client), "7 8 9 none");
  }
  EXPECT_EQ(ready_, 1);
  stop();
}

TEST_F(KeeperTest, stopping_refuses_what_still_waits) {
  start({"honest"});
  Client client;
  keeper_->hand_over({}, std::move(client.theirs));
  stop();
  const auto bytes = client.reads();
  ASSERT_EQ(bytes.size(), proto::kHeaderSize);
  EXPECT_EQ(bytes[8], static_cast<char>(proto::Refusal::shutting_down));
}

}  // namespace
}  // namespace sspid::supervisor

int main(int argc, char** argv) {
  using namespace sspid::supervisor;
  const std::string role = argc > 1 ? argv[1] : "";
  if (role == "honest") return serve_honestly();
  if (role == "idle") return serve_honestly(true);
  if (role == "talk") return talk_without_a_pause(argv[2]);
  if (role == "nothing") return 3;
  if (role == "once") return fail_once(argv[2], argv[3]);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
