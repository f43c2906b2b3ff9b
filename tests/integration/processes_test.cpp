// Death of a worker or of the whole daemon: the handles are gone, and that is all; the next credential works.
#include <array>
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "context_pair.h"
#include "support/world.h"

namespace sspid::test {
namespace {

// Whether the thread waits in the kernel for what a socket brings.
bool waits_for_an_answer(pid_t thread) {
  const std::string text = read_text("/proc/self/task/" + std::to_string(thread) + "/syscall");
  const long number = std::strtol(text.c_str(), nullptr, 10);
  for (const long waiting : {SYS_recvmsg, SYS_recvfrom, SYS_read, SYS_readv, SYS_poll, SYS_ppoll})
    if (!text.empty() && text[0] != 'r' && number == waiting) return true;
  return false;
}

// A worker that is stopped with all its threads, and killed in the end.
class StoppedWorker {
 public:
  explicit StoppedWorker(pid_t worker) : worker_(worker) {
    freeze(worker_);
    await("the worker to stand still", [this] { return stands_still(); });
  }
  StoppedWorker(const StoppedWorker&) = delete;
  StoppedWorker& operator=(const StoppedWorker&) = delete;
  ~StoppedWorker() { kill(); }

  void kill() const { ::kill(worker_, SIGKILL); }

 private:
  [[nodiscard]] bool stands_still() const {
    for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(worker_) + "/task"))
      if (read_text(thread.path() / "status").find("\nState:\tT") == std::string::npos) return false;
    return true;
  }

  pid_t worker_;
};

class Processes : public ::testing::Test {
 protected:
  World& world_ = world();
  DaemonProcess& daemon_ = world_.daemon;

  // What every handle of the process must say once what it named is gone.
  static void expect_lost(Credential& credential, SspiContext& context) {
    SecPkgContext_Sizes sizes{};
    EXPECT_STATUS(QueryContextAttributesW(context.get(), SECPKG_ATTR_SIZES, &sizes), SEC_E_INVALID_HANDLE);
    SecPkgCredentials_NamesW names{};
    EXPECT_STATUS(QueryCredentialsAttributesW(credential.get(), SECPKG_CRED_ATTR_NAMES, &names), SEC_E_INVALID_HANDLE);
  }

  static void expect_service() {
    Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
    Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
    ContextPair pair(outbound, inbound);
    exchange(pair.client, pair.server);
  }
};

TEST_F(Processes, supervisor_and_worker_are_two_processes) {
  expect_service();
  const pid_t worker = daemon_.worker();
  EXPECT_NE(worker, daemon_.pid());
  const std::string status = read_text("/proc/" + std::to_string(worker) + "/status");
  EXPECT_EQ(status.find("\nUid:\t0\t"), std::string::npos) << "the worker runs as root";
}

TEST_F(Processes, E_141_killed_worker_is_replaced_and_its_handles_are_gone) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);

  const pid_t old = daemon_.worker();
  ASSERT_EQ(::kill(old, SIGKILL), 0);
  await("the end of the worker", [&] { return has_ended(old); });
  expect_lost(outbound, pair.client);
  expect_service();
  EXPECT_NE(daemon_.worker(), old);
}

TEST_F(Processes, worker_that_dies_again_and_again_is_replaced_each_time) {
  for (int i = 0; i < 5; ++i) {
    expect_service();
    const pid_t worker = daemon_.worker();
    ASSERT_EQ(::kill(worker, SIGKILL), 0);
    await("the end of the worker", [&] { return has_ended(worker); });
  }
  expect_service();
}

TEST_F(Processes, E_188_call_in_flight_when_the_worker_dies_fails_and_is_not_repeated) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);

  std::atomic<pid_t> thread{0};
  SECURITY_STATUS status = SEC_E_OK;
  std::jthread caller;
  const StoppedWorker worker(daemon_.worker());
  caller = std::jthread([&] {
    thread = static_cast<pid_t>(::syscall(SYS_gettid));
    SecPkgContext_Sizes sizes{};
    status = QueryContextAttributesW(pair.client.get(), SECPKG_ATTR_SIZES, &sizes);
  });
  await("the call to be sent", [&] { return thread != 0 && waits_for_an_answer(thread); });
  worker.kill();
  caller.join();

  EXPECT_STATUS(status, SEC_E_INTERNAL_ERROR);
  expect_lost(outbound, pair.client);
  expect_service();
}

TEST_F(Processes, E_141_restarted_daemon_knows_no_handles_and_serves_at_once) {
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  Credential inbound("Negotiate", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);
  daemon_.restart();
  expect_lost(outbound, pair.client);
  expect_service();
}

TEST_F(Processes, E_142_call_waits_for_a_daemon_that_comes_back) {
  daemon_.stop();
  std::atomic<pid_t> thread{0};
  SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;
  std::jthread caller([&] {
    thread = static_cast<pid_t>(::syscall(SYS_gettid));
    CredHandle handle{};
    char package[] = "Kerberos";
    status = AcquireCredentialsHandleA(nullptr, package, SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr,
                                       &handle, nullptr);
    if (status == SEC_E_OK) FreeCredentialsHandle(&handle);
  });
  await("the call to begin", [&] { return thread != 0; });
  daemon_.start();
  caller.join();
  EXPECT_STATUS(status, SEC_E_OK);
}

TEST_F(Processes, killed_supervisor_takes_its_worker_along_and_can_start_anew) {
  expect_service();
  const pid_t worker = daemon_.worker();
  daemon_.kill();
  await("the end of the worker", [&] { return has_ended(worker); });
  daemon_.start();
  expect_service();
}

TEST_F(Processes, nothing_is_left_when_the_daemon_stops) {
  expect_service();
  const pid_t worker = daemon_.worker();
  daemon_.stop();
  await("the end of the worker", [&] { return has_ended(worker); });
  EXPECT_FALSE(std::filesystem::exists(daemon_.socket()));
  daemon_.start();
}

}  // namespace
}  // namespace sspid::test
