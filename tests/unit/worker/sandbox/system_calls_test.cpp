#include "daemon/worker/sandbox/system_calls.h"

#include <atomic>
#include <cerrno>
#include <thread>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "child.h"
#include "daemon/worker/sandbox/refusals.h"
#include "support/sanitizers.h"

namespace sspid::worker::sandbox {
namespace {

// Whether a call failed with this error.
bool fails(long result, int error) { return result == -1 && errno == error; }

template <class Body>
Ended in_filtered_child(Body body, const Calls& calls = {}) {
  return in_child([&] {
    count_refusals(log::Format::text);
    restrict_system_calls(calls);
    return body();
  });
}

TEST(SystemCalls, refused_one_fails_is_counted_and_is_told_once) {
  const auto ended = in_filtered_child([] {
    for (int i = 0; i < 3; ++i)
      if (!fails(::syscall(SYS_getsid, 0xABC, 2, 3), EPERM)) return false;
    return refusals() == 3;
  });
  EXPECT_TRUE(well(ended));
  EXPECT_NE(ended.said.find("refused system call " + std::to_string(SYS_getsid) + " getsid(0xabc, 0x2, 0x3)\n"),
            std::string::npos)
      << ended.said;
  EXPECT_EQ(ended.said.find("getsid"), ended.said.rfind("getsid")) << ended.said;
}

TEST(SystemCalls, number_that_no_kernel_has_is_refused_too) {
  EXPECT_TRUE(well(in_filtered_child([] { return fails(::syscall(100'000), EPERM) && refusals() == 1; })));
}

TEST(SystemCalls, signal_that_no_filter_sent_is_no_refusal) {
  const auto ended = in_filtered_child([] { return ::raise(SIGSYS) == 0 && refusals() == 0; });
  EXPECT_TRUE(well(ended));
  EXPECT_EQ(ended.said, "");
}

TEST(SystemCalls, deadly_ones_end_the_process) {
  for (const long call : {SYS_process_vm_readv, SYS_process_vm_writev, SYS_bpf, SYS_kexec_load, SYS_init_module,
                          SYS_mount, SYS_pivot_root, SYS_setns, SYS_unshare, SYS_pidfd_getfd, SYS_userfaultfd,
                          SYS_io_uring_setup, SYS_perf_event_open, SYS_open_by_handle_at, SYS_chroot})
    EXPECT_EQ(in_filtered_child([call] { return ::syscall(call, 0, 0, 0, 0, 0, 0) != 0; }).signal(), SIGSYS) << call;
  if (test::is_sanitized()) return;
  EXPECT_EQ(in_filtered_child([] { return ::ptrace(PTRACE_TRACEME, 0, 0, 0) != 0; }).signal(), SIGSYS);
}

#if defined(__x86_64__)
TEST(SystemCalls, those_of_another_architecture_end_the_process) {
  const auto ended = in_filtered_child([] {
    long result = 20;  // getpid of the 32-bit kernel interface
    asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return result > 0;
  });
  EXPECT_EQ(ended.signal(), SIGSYS);
}
#endif

TEST(SystemCalls, threads_are_started_but_no_processes) {
  EXPECT_TRUE(well(in_filtered_child([] {
    std::atomic<bool> ran{false};
    std::thread([&] { ran = true; }).join();
    return ran && refusals() == 0;
  })));
  if (test::is_sanitized()) return;
  EXPECT_TRUE(well(in_filtered_child([] {
    return fails(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), EPERM) &&
           fails(::syscall(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0), EPERM) &&
           fails(::syscall(SYS_clone, CLONE_THREAD | CLONE_VM | CLONE_SIGHAND | CLONE_NEWUSER, 0, 0, 0, 0), EPERM);
  })));
}

TEST(SystemCalls, thread_that_is_there_already_is_held_too) {
  EXPECT_TRUE(well(in_child([] {
    std::atomic<int> stage{0};
    bool refused = false;
    std::thread other([&] {
      stage.wait(0);
      refused = fails(::syscall(SYS_getsid, 0), EPERM);
    });
    count_refusals(log::Format::text);
    restrict_system_calls({});
    stage = 1;
    stage.notify_all();
    other.join();
    return refused;
  })));
}

TEST(SystemCalls, signals_and_limits_are_for_itself_only) {
  EXPECT_TRUE(well(in_filtered_child([] {
    rlimit files{};
    const bool itself = ::kill(::getpid(), 0) == 0 && ::raise(0) == 0 &&
                        ::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, &files) == 0 &&
                        ::syscall(SYS_prlimit64, ::getpid(), RLIMIT_NOFILE, nullptr, &files) == 0;
    return itself && refusals() == 0;
  })));
  EXPECT_TRUE(well(in_filtered_child([] {
    const pid_t parent = ::getppid();
    return fails(::kill(parent, 0), EPERM) && fails(::kill(-1, 0), EPERM) && fails(::kill(0, 0), EPERM) &&
           fails(::syscall(SYS_tgkill, parent, parent, 0), EPERM) && fails(::syscall(SYS_tkill, parent, 0), EPERM) &&
           fails(::syscall(SYS_prlimit64, parent, RLIMIT_NOFILE, nullptr, nullptr), EPERM) && refusals() == 6;
  })));
}

TEST(SystemCalls, int_is_compared_as_the_kernel_takes_it) {
  // The kernel ignores the upper half; a filter that looked at it would let another process's number through, or
  // refuse what is right.
  EXPECT_TRUE(well(in_filtered_child([] {
    constexpr long kNoise = 0x7FFFFFFF00000000;
    return ::syscall(SYS_kill, kNoise | ::getpid(), 0) == 0 &&
           fails(::syscall(SYS_kill, kNoise | ::getppid(), 0), EPERM);
  })));
}

TEST(SystemCalls, memory_is_written_or_executed_and_libraries_are_loaded_late) {
  EXPECT_TRUE(well(in_filtered_child([] {
    constexpr std::size_t kSize = 4096;
    constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS;
    void* data = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, kFlags, -1, 0);
    return data != MAP_FAILED && fails(::mprotect(data, kSize, PROT_READ | PROT_EXEC), EPERM) &&
           ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE | PROT_EXEC, kFlags, -1, 0) == MAP_FAILED && errno == EPERM;
  })));
  EXPECT_TRUE(well(in_filtered_child([] { return ::dlopen("libanl.so.1", RTLD_NOW) != nullptr && refusals() == 0; })));
}

TEST(SystemCalls, memory_that_was_written_does_not_become_executable) {
  EXPECT_TRUE(well(in_filtered_child([] {
    constexpr std::size_t kSize = 4096;
    constexpr int kBoth = PROT_READ | PROT_WRITE | PROT_EXEC;
    const int file = ::memfd_create("code", MFD_CLOEXEC);
    if (file < 0 || ::ftruncate(file, kSize) != 0) return false;
    void* data = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    void* code = ::mmap(nullptr, kSize, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool are_there = data != MAP_FAILED && code != MAP_FAILED;
    // To write to what is executed, it must stop being that, for good.
    return are_there && fails(::mprotect(code, kSize, kBoth), EPERM) &&
           ::mprotect(code, kSize, PROT_READ | PROT_WRITE) == 0 &&
           fails(::mprotect(code, kSize, PROT_READ | PROT_EXEC), EPERM) &&
           fails(::mprotect(data, kSize, PROT_READ | PROT_EXEC), EPERM) &&
           fails(::syscall(SYS_pkey_mprotect, data, kSize, PROT_EXEC, -1), EPERM) &&
           ::mmap(nullptr, kSize, kBoth, MAP_SHARED, file, 0) == MAP_FAILED && errno == EPERM &&
           fails(::syscall(SYS_remap_file_pages, data, kSize, 0, 0, 0), EPERM) &&
           fails(::syscall(SYS_shmat, 0, nullptr, SHM_EXEC), EPERM);
  })));
}

TEST(SystemCalls, sockets_are_of_the_families_that_reach_a_kdc) {
  EXPECT_TRUE(well(in_filtered_child([] {
    for (const int family : {AF_UNIX, AF_INET, AF_INET6})
      for (const int type : {int{SOCK_STREAM}, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK})
        if (fails(::socket(family, type, 0), EPERM)) return false;
    return ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0 && refusals() == 0;
  })));
  EXPECT_TRUE(well(in_filtered_child([] {
    return fails(::socket(AF_PACKET, SOCK_DGRAM, 0), EPERM) && fails(::socket(AF_INET, SOCK_RAW, 1), EPERM) &&
           fails(::socket(AF_NETLINK, SOCK_RAW, 9), EPERM) && fails(::listen(0, 1), EPERM);
  })));
}

TEST(SystemCalls, keyrings_are_there_where_they_are_wanted) {
  const auto ask = [] { return ::syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 0); };
  EXPECT_TRUE(well(in_filtered_child([&] { return fails(ask(), EPERM) && refusals() == 1; })));
  EXPECT_TRUE(well(in_filtered_child([&] { return ask() != 0 && refusals() == 0; }, {.keyrings = true})));
}

}  // namespace
}  // namespace sspid::worker::sandbox
