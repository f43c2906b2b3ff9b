// A program with `embedded:`, for what a test cannot do to itself. Prints "ok" when all was as it ought to be, else
// what went wrong.
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <sspi_ext.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "context_pair.h"

using namespace sspid::test;

namespace {

struct Ends {
  Credential outbound{"Kerberos", SECPKG_CRED_OUTBOUND};
  Credential inbound{"Kerberos", SECPKG_CRED_INBOUND};
  ContextPair pair{outbound, inbound};

  void exchange_both_ways() {
    exchange(pair.client, pair.server);
    exchange(pair.server, pair.client);
  }
};

void require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

void say(const char* word) {
  std::printf("%s\n", word);
  std::fflush(stdout);
}

// Until the test says so.
void wait_for_word() {
  char word;
  while (::read(STDIN_FILENO, &word, 1) < 0 && errno == EINTR) {
  }
}

void require_lost(Ends& ends) {
  SecPkgContext_Sizes sizes{};
  require(QueryContextAttributesW(ends.pair.client.get(), SECPKG_ATTR_SIZES, &sizes) == SEC_E_INVALID_HANDLE,
          "the context outlived its daemon");
  SecPkgCredentials_NamesW names{};
  require(QueryCredentialsAttributesW(ends.outbound.get(), SECPKG_CRED_ATTR_NAMES, &names) == SEC_E_INVALID_HANDLE,
          "the credential outlived its daemon");
}

void close_all() { ::syscall(SYS_close_range, 3U, ~0U, 0U); }

void exchange_once() { Ends().exchange_both_ways(); }

std::atomic<int> children_heard_of{0};

// Neither while the daemon runs nor when it ends.
void never_see_the_child() {
  std::signal(SIGCHLD, [](int) { ++children_heard_of; });
  Ends ends;
  ends.exchange_both_ways();
  require(::wait(nullptr) == -1 && errno == ECHILD, "wait() sees a child");
  require(::waitpid(-1, nullptr, WNOHANG | __WALL) == -1 && errno == ECHILD, "waitpid(__WALL) sees a child");
  say("running");
  wait_for_word();  // the test ends the daemon
  require_lost(ends);
  require(::waitpid(-1, nullptr, WNOHANG | __WALL) == -1 && errno == ECHILD, "waitpid(__WALL) sees the end of a child");
  exchange_once();
  require(children_heard_of == 0, "there was a SIGCHLD");
}

void lose_the_daemon() {
  Ends ends;
  say("running");
  wait_for_word();
  require_lost(ends);
  Ends again;
  again.exchange_both_ways();
}

void close_all_descriptors() {
  Ends ends;
  for (int round = 0; round < 3; ++round) {
    close_all();
    require_lost(ends);
    Ends().exchange_both_ways();
  }
}

// The numbers of the library's descriptors belong to the program after that, which keeps files of its own there.
void use_the_numbers() {
  Ends ends;
  close_all();
  std::vector<int> files;
  for (int i = 0; i < 40; ++i) files.push_back(::open("/dev/null", O_RDONLY));
  SecPkgCredentials_NamesW names{};
  require(QueryCredentialsAttributesW(ends.outbound.get(), SECPKG_CRED_ATTR_NAMES, &names) != SEC_E_OK,
          "the credential outlived its connection");
  exchange_once();
  for (const int file : files) require(::fcntl(file, F_GETFD) == 0, "a file of the program was closed");
}

void become_daemon() {
  Ends ends;
  if (::fork() != 0) ::_exit(0);
  ::setsid();
  close_all();
  require_lost(ends);
  exchange_once();
}

void fork_children() {
  Ends ends;
  std::vector<ContextPair> pairs;
  pairs.reserve(4);
  for (int i = 0; i < 4; ++i) pairs.emplace_back(ends.outbound, ends.inbound);
  std::vector<pid_t> children;
  for (ContextPair& pair : pairs)
    children.push_back(fork_child([&] {
      exchange(pair.client, pair.server);
      exchange(pair.server, pair.client);
      exchange_once();
    }));
  for (const pid_t child : children) require(wait_for_child(child) == 0, "a child failed");
  ends.exchange_both_ways();
}

// The parent ends first; its daemon goes on for the child.
void outlive_the_parent() {
  Ends ends;
  int parent[2];
  require(::pipe(parent) == 0, "pipe()");
  if (::fork() != 0) ::_exit(0);
  ::close(parent[1]);
  char none;
  require(::read(parent[0], &none, 1) == 0, "read()");  // the end of the parent
  ends.exchange_both_ways();
  exchange_once();
}

void start_by_threads() {
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&] {
      try {
        exchange_once();
      } catch (const std::exception& failure) {
        ++failures;
        std::printf("%s\n", failure.what());
      }
    });
  for (std::thread& thread : threads) thread.join();
  require(failures == 0, "some thread failed");
  say("running");
  wait_for_word();
}

// Children are forked in every moment of a daemon's start and stay as long as this process.
void fork_while_starting() {
  std::atomic<bool> over{false};
  std::vector<pid_t> children;
  std::thread forker([&] {
    while (!over && children.size() < 200) {
      const pid_t child = ::fork();
      if (child == 0)
        for (;;) ::pause();
      children.push_back(child);
    }
  });
  std::exception_ptr failure;
  try {
    for (int i = 0; i < 10; ++i) {
      Credential before("Kerberos", SECPKG_CRED_INBOUND);
      // Only what belongs to the library: the children keep what they have.
      close_all();
      SecPkgCredentials_NamesW names{};
      require(QueryCredentialsAttributesW(before.get(), SECPKG_CRED_ATTR_NAMES, &names) == SEC_E_INVALID_HANDLE,
              "the credential outlived its connection");
    }
  } catch (...) {
    failure = std::current_exception();
  }
  over = true;
  forker.join();
  for (const pid_t child : children) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  if (failure) std::rethrow_exception(failure);
}

// A thread that is about to be cancelled starts the daemon all the same, and a handler runs in its own process only.
void be_disturbed() {
  static std::atomic<int> strange{0};
  static const pid_t self = ::getpid();
  struct sigaction action {};
  action.sa_handler = [](int) {
    if (::syscall(SYS_getpid) != self) ++strange;
  };
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGUSR1, &action, nullptr);
  std::signal(SIGCHLD, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  sigset_t blocked;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGINT);
  ::sigprocmask(SIG_BLOCK, &blocked, nullptr);

  std::atomic<bool> over{false};
  std::thread disturber([&] {
    while (!over) ::kill(self, SIGUSR1);
  });
  exchange_once();
  over = true;
  disturber.join();
  require(strange == 0, "a handler of the program ran in another process");
  sigset_t now;
  ::sigprocmask(SIG_BLOCK, nullptr, &now);
  require(::sigismember(&now, SIGINT) == 1 && ::sigismember(&now, SIGUSR1) == 0, "the signal mask has changed");
  say("running");
  wait_for_word();
}

// The daemon is still root's, and goes on for the process that it knows. For a child that is nobody there is another.
void become_another_user() {
  constexpr uid_t kNobody = 65534;
  Ends ends;
  const auto give_up_root = [] {
    require(::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 &&
                ::setresuid(kNobody, kNobody, kNobody) == 0,
            "cannot give up root");
  };
  const pid_t child = fork_child([&] {
    give_up_root();
    require_lost(ends);
    ULONG count = 0;
    SecPkgInfoA* packages = nullptr;
    must("EnumerateSecurityPackages", EnumerateSecurityPackagesA(&count, &packages));
    FreeContextBuffer(packages);
  });
  require(wait_for_child(child) == 0, "the child failed");
  give_up_root();
  ends.exchange_both_ways();
  const ContextPair after(ends.outbound, ends.inbound);
}

// Prints how it failed.
void fail() {
  CredHandle handle{};
  char package[] = "Kerberos";
  const SECURITY_STATUS status = AcquireCredentialsHandleA(nullptr, package, SECPKG_CRED_OUTBOUND, nullptr, nullptr,
                                                           nullptr, nullptr, &handle, nullptr);
  std::printf("%s: %s\n", status_name(status).c_str(), SspiGetLastErrorText());
}

const std::map<std::string, std::function<void()>> kActs{
    {"exchange", exchange_once},
    {"never-see-the-child", never_see_the_child},
    {"lose-the-daemon", lose_the_daemon},
    {"close-all", close_all_descriptors},
    {"use-the-numbers", use_the_numbers},
    {"become-daemon", become_daemon},
    {"fork-children", fork_children},
    {"outlive-the-parent", outlive_the_parent},
    {"start-by-threads", start_by_threads},
    {"fork-while-starting", fork_while_starting},
    {"be-disturbed", be_disturbed},
    {"become-another-user", become_another_user},
    {"fail", fail},
};

}  // namespace

int main(int argc, char** argv) {
  try {
    kActs.at(argc > 1 ? argv[1] : "")();
  } catch (const std::exception& failure) {
    std::printf("%s\n", failure.what());
    return 1;
  }
  say("ok");
  return 0;
}
