// What a session held is freed with it, and what a client gives back at once: memory comes back to where it was.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "context_pair.h"
#include "support/sanitizers.h"
#include "support/world.h"

namespace sspid::test {
namespace {

// Sanitizers keep freed memory for a while, to catch its use: there the daemon's leak check at its end speaks instead.
const bool kMemoryIsComparable = !is_sanitized();
const int kContexts = is_sanitized() ? 500 : 10'000;

// A tenth of a KiB for each context: far below the 5 KiB that one takes, above what an allocator is unsteady by.
constexpr std::size_t kTolerance = std::size_t{1} << 20;

class Ending : public ::testing::Test {
 protected:
  World& world_ = world();

  std::size_t worker_memory() { return private_memory(world_.daemon.worker()); }

  // Every call is answered in turn on its connection: this one after all that were sent before it.
  static void wait_for_deletes() { Credential("Kerberos", SECPKG_CRED_INBOUND); }

  void expect_memory_back_at(std::size_t before) {
    if (!kMemoryIsComparable) return;
    await("memory to come back", [&] { return worker_memory() <= before + kTolerance; });
  }

  static void make_and_drop(int count) {
    Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
    Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
    for (int i = 0; i < count; ++i) {
      ContextPair pair(outbound, inbound);
      exchange(pair.client, pair.server);
    }
  }
};

TEST_F(Ending, ten_thousand_contexts_made_and_dropped_leave_nothing) {
  make_and_drop(kContexts / 10);  // whatever is allocated once is allocated now
  wait_for_deletes();
  const std::size_t before = worker_memory();
  const std::size_t descriptors = open_descriptors(world_.daemon.pid());
  make_and_drop(kContexts);
  wait_for_deletes();
  expect_memory_back_at(before);
  EXPECT_LE(open_descriptors(world_.daemon.pid()), descriptors);
}

class HoldingClient {
 public:
  HoldingClient(const World& world, int contexts)
      : program_({.command = {built_program("session_program"), "hold-contexts", std::to_string(contexts)},
                  .environment = with(world.realm.environment(), {{"SSPI_SOCKET", world.daemon.socket()}}),
                  .output = directory_.file("output")}) {
    await(
        "a client to have its contexts", [this] { return read_text(directory_.file("output")) == "ok\n"; }, &program_);
  }
  void kill() { program_.kill(); }

 private:
  Directory directory_;
  Process program_;
};

TEST_F(Ending, E_143_killed_clients_leave_nothing) {
  const auto round = [this] {
    std::vector<std::unique_ptr<HoldingClient>> clients;
    for (int i = 0; i < 4; ++i) clients.push_back(std::make_unique<HoldingClient>(world_, kContexts / 100));
    const std::size_t full = worker_memory();
    for (const auto& client : clients) client->kill();
    return full;
  };
  round();
  const std::size_t descriptors = open_descriptors(world_.daemon.worker());
  // If one round's contexts stayed, each following one would add as much.
  const std::size_t full = round();
  for (int i = 0; i < 4; ++i) round();
  expect_memory_back_at(full);
  await("descriptors to be closed", [&] { return open_descriptors(world_.daemon.worker()) <= descriptors; });
}

// Others notice nothing when a client vanishes while the daemon works for it.
TEST_F(Ending, client_killed_in_the_middle_of_its_calls_disturbs_nobody) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);
  const pid_t worker = world_.daemon.worker();
  for (int i = 0; i < 20; ++i) {
    Process busy({.command = {built_program("session_program"), "hold-contexts", "100000"},
                  .environment = with(world_.realm.environment(), {{"SSPI_SOCKET", world_.daemon.socket()}})});
    exchange(pair.client, pair.server);
    busy.kill();
    exchange(pair.server, pair.client);
  }
  EXPECT_EQ(world_.daemon.worker(), worker);
}

}  // namespace
}  // namespace sspid::test
