// A session is a client process with its forked children: what it holds outlives threads, fork(), daemon() and a change
// of uid, and is nobody else's.
#include <cstdio>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "children.h"
#include "context_pair.h"
#include "support/world.h"

namespace sspid::test {
namespace {

class Sessions : public ::testing::Test {
 protected:
  World& world_ = world();

  Environment client_environment() {
    return with(world_.realm.environment(), {{"SSPI_SOCKET", world_.daemon.socket()}});
  }
};

TEST_F(Sessions, handle_outlives_the_thread_that_acquired_it) {
  std::optional<Credential> outbound;
  std::optional<Credential> inbound;
  std::optional<ContextPair> pair;
  std::thread([&] {
    outbound.emplace("Kerberos", SECPKG_CRED_OUTBOUND);
    inbound.emplace("Kerberos", SECPKG_CRED_INBOUND);
    pair.emplace(*outbound, *inbound);
  }).join();
  EXPECT_NO_THROW(exchange(pair->client, pair->server));
  EXPECT_NO_THROW(ContextPair(*outbound, *inbound));
}

TEST_F(Sessions, many_short_threads_use_one_context_and_leave_no_descriptors) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);
  const std::size_t before = open_descriptors(::getpid());
  for (int i = 0; i < 200; ++i) std::thread([&] { EXPECT_NO_THROW(exchange(pair.client, pair.server)); }).join();
  EXPECT_LE(open_descriptors(::getpid()), before + 1);
}

TEST_F(Sessions, daemon_after_acquiring_keeps_its_handles) {
  const Directory directory;
  const std::string output = directory.file("output");
  Process program({.command = {built_program("session_program"), "become-daemon"},
                   .environment = client_environment(),
                   .output = output});
  EXPECT_EQ(program.wait(), 0);
  // The daemon writes when the program that became it has ended already.
  await("the word of the daemon", [&] { return read_text(output).ends_with('\n'); });
  EXPECT_EQ(read_text(output), "ok\n");
}

TEST_F(Sessions, children_of_a_preforking_server_use_the_parents_contexts_and_credential) {
  constexpr int kChildren = 4;
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  std::vector<ContextPair> pairs;
  pairs.reserve(kChildren);
  for (int i = 0; i < kChildren; ++i) pairs.emplace_back(outbound, inbound);

  std::vector<pid_t> children;
  for (ContextPair& pair : pairs)
    children.push_back(fork_child([&] {
      for (int i = 0; i < 50; ++i) exchange(pair.client, pair.server, "message " + std::to_string(i));
      const ContextPair own(outbound, inbound);
    }));
  for (const pid_t child : children) EXPECT_EQ(wait_for_child(child), 0);

  // A child's end is not the session's.
  for (ContextPair& pair : pairs) EXPECT_NO_THROW(exchange(pair.server, pair.client));
}

TEST_F(Sessions, parent_and_child_share_one_sequence_of_messages) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(wait_for_child(fork_child([&] { exchange(pair.client, pair.server); })), 0);
    EXPECT_NO_THROW(exchange(pair.client, pair.server));
  }
}

TEST_F(Sessions, context_that_a_child_deleted_is_gone_for_the_parent) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);
  // The delete is not answered. That a later call of the child is, says that it was carried out.
  EXPECT_EQ(wait_for_child(fork_child([&] {
              pair.client.remove();
              static_cast<void>(pair.server.sizes());
            })),
            0);
  SecPkgContext_Sizes sizes{};
  EXPECT_STATUS(QueryContextAttributesW(pair.client.get(), SECPKG_ATTR_SIZES, &sizes), SEC_E_INVALID_HANDLE);
}

TEST_F(Sessions, E_062_handle_is_worth_nothing_in_another_process) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);
  const auto hexadecimal = [](std::uint64_t value) {
    char text[17];
    std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(value));
    return std::string(text);
  };
  const CtxtHandle& handle = *pair.client.get();
  const Result result = run({built_program("session_program"), "use-foreign-handle", hexadecimal(handle.dwLower),
                             hexadecimal(handle.dwUpper)},
                            client_environment());
  EXPECT_EQ(result.output, "ok\n");
}

class ServerThatGivesUpRoot : public Sessions {
  void TestBody() override {
    const Result result = run({built_program("session_program"), "give-up-root"}, client_environment());
    EXPECT_EQ(result.output, "ok\n");
  }
};

// Only where there is root to give up is there such a test.
[[maybe_unused]] const ::testing::TestInfo* const kRootOnly =
    ::geteuid() == 0
        ? ::testing::RegisterTest("Sessions", "server_that_gives_up_root_keeps_its_handles", nullptr, nullptr, __FILE__,
                                  __LINE__, []() -> Sessions* { return new ServerThatGivesUpRoot; })
        : nullptr;

}  // namespace
}  // namespace sspid::test
