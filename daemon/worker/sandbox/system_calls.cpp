#include "daemon/worker/sandbox/system_calls.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <system_error>
#include <type_traits>

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sspid::worker::sandbox {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitizer = true;
#else
constexpr bool kSanitizer = false;
#endif

// ---- What every worker may call, whatever the arguments

// Those of a small message. Kernels since 5.11 look calls that are always allowed up in a bitmap; in older ones these
// come first.
constexpr std::array kOften{SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
                            SCMP_SYS(futex),   SCMP_SYS(read),    SCMP_SYS(write),      SCMP_SYS(epoll_ctl)};

// Landlock says which files. Nothing here changes who owns a file, its mode, its times, or the directory it is in.
constexpr std::array kFiles{
    SCMP_SYS(open),        SCMP_SYS(openat),     SCMP_SYS(openat2),   SCMP_SYS(close),      SCMP_SYS(close_range),
    SCMP_SYS(readv),       SCMP_SYS(pread64),    SCMP_SYS(preadv),    SCMP_SYS(preadv2),    SCMP_SYS(writev),
    SCMP_SYS(pwrite64),    SCMP_SYS(pwritev),    SCMP_SYS(pwritev2),  SCMP_SYS(lseek),      SCMP_SYS(sendfile),
    SCMP_SYS(stat),        SCMP_SYS(fstat),      SCMP_SYS(lstat),     SCMP_SYS(newfstatat), SCMP_SYS(statx),
    SCMP_SYS(statfs),      SCMP_SYS(fstatfs),    SCMP_SYS(access),    SCMP_SYS(faccessat),  SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),    SCMP_SYS(readlinkat), SCMP_SYS(getdents),  SCMP_SYS(getdents64), SCMP_SYS(getcwd),
    SCMP_SYS(dup),         SCMP_SYS(dup2),       SCMP_SYS(dup3),      SCMP_SYS(flock),      SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),   SCMP_SYS(ftruncate),  SCMP_SYS(fallocate), SCMP_SYS(fadvise64),  SCMP_SYS(umask),
    SCMP_SYS(memfd_create)};

constexpr std::array kMemory{SCMP_SYS(brk),     SCMP_SYS(munmap),    SCMP_SYS(mremap),  SCMP_SYS(madvise),
                             SCMP_SYS(mlock),   SCMP_SYS(mlock2),    SCMP_SYS(munlock), SCMP_SYS(msync),
                             SCMP_SYS(mincore), SCMP_SYS(membarrier)};

constexpr std::array kEvents{
    SCMP_SYS(epoll_create),   SCMP_SYS(epoll_create1),   SCMP_SYS(epoll_pwait2),   SCMP_SYS(eventfd2), SCMP_SYS(poll),
    SCMP_SYS(ppoll),          SCMP_SYS(select),          SCMP_SYS(pselect6),       SCMP_SYS(pipe),     SCMP_SYS(pipe2),
    SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime), SCMP_SYS(timerfd_gettime)};

// A client of KDCs, directories and name services: it neither listens nor accepts.
constexpr std::array kConnections{SCMP_SYS(connect),    SCMP_SYS(bind),    SCMP_SYS(getsockname), SCMP_SYS(getpeername),
                                  SCMP_SYS(getsockopt), SCMP_SYS(sendto),  SCMP_SYS(recvfrom),    SCMP_SYS(sendmmsg),
                                  SCMP_SYS(recvmmsg),   SCMP_SYS(shutdown)};

constexpr std::array kThreads{SCMP_SYS(exit),
                              SCMP_SYS(exit_group),
                              SCMP_SYS(set_robust_list),
                              SCMP_SYS(set_tid_address),
                              SCMP_SYS(rseq),
                              SCMP_SYS(sched_yield),
                              SCMP_SYS(sched_getaffinity),
                              SCMP_SYS(sched_getparam),
                              SCMP_SYS(sched_getscheduler),
                              SCMP_SYS(getcpu),
                              SCMP_SYS(sigaltstack),
                              SCMP_SYS(rt_sigaction),
                              SCMP_SYS(rt_sigprocmask),
                              SCMP_SYS(rt_sigreturn),
                              SCMP_SYS(rt_sigtimedwait),
                              SCMP_SYS(rt_sigpending),
                              SCMP_SYS(restart_syscall),
                              SCMP_SYS(alarm),
                              SCMP_SYS(setitimer),
                              SCMP_SYS(nanosleep),
                              SCMP_SYS(clock_nanosleep)};

constexpr std::array kQuestions{
    SCMP_SYS(getpid),        SCMP_SYS(gettid),       SCMP_SYS(getppid),   SCMP_SYS(getuid),    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),        SCMP_SYS(getegid),      SCMP_SYS(getresuid), SCMP_SYS(getresgid), SCMP_SYS(getgroups),
    SCMP_SYS(getpgrp),       SCMP_SYS(capget),       SCMP_SYS(uname),     SCMP_SYS(sysinfo),   SCMP_SYS(times),
    SCMP_SYS(getrusage),     SCMP_SYS(getrlimit),    SCMP_SYS(setrlimit), SCMP_SYS(time),      SCMP_SYS(gettimeofday),
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(getrandom)};

// request_key is not among them: libkrb5 does without, and it has the kernel start a program.
constexpr std::array kKeyrings{SCMP_SYS(keyctl), SCMP_SYS(add_key)};

// The runtimes of sanitizers stop the process's threads from a clone of it, by ptrace, to look for leaks.
constexpr std::array kOfSanitizers{SCMP_SYS(ptrace), SCMP_SYS(prctl),       SCMP_SYS(clone),
                                   SCMP_SYS(wait4),  SCMP_SYS(personality), SCMP_SYS(arch_prctl)};

// ---- What ends the process: other processes' memory, and the machine itself

constexpr std::array kDeadly{SCMP_SYS(process_vm_readv),
                             SCMP_SYS(process_vm_writev),
                             SCMP_SYS(process_madvise),
                             SCMP_SYS(pidfd_getfd),
                             SCMP_SYS(kcmp),
                             SCMP_SYS(perf_event_open),
                             SCMP_SYS(bpf),
                             SCMP_SYS(userfaultfd),
                             SCMP_SYS(io_uring_setup),
                             SCMP_SYS(io_uring_enter),
                             SCMP_SYS(io_uring_register),
                             SCMP_SYS(kexec_load),
                             SCMP_SYS(kexec_file_load),
                             SCMP_SYS(init_module),
                             SCMP_SYS(finit_module),
                             SCMP_SYS(delete_module),
                             SCMP_SYS(mount),
                             SCMP_SYS(umount2),
                             SCMP_SYS(move_mount),
                             SCMP_SYS(mount_setattr),
                             SCMP_SYS(open_tree),
                             SCMP_SYS(fsopen),
                             SCMP_SYS(fsconfig),
                             SCMP_SYS(fsmount),
                             SCMP_SYS(fspick),
                             SCMP_SYS(pivot_root),
                             SCMP_SYS(chroot),
                             SCMP_SYS(setns),
                             SCMP_SYS(unshare),
                             SCMP_SYS(open_by_handle_at),
                             SCMP_SYS(swapon),
                             SCMP_SYS(swapoff),
                             SCMP_SYS(reboot),
                             SCMP_SYS(acct),
                             SCMP_SYS(quotactl),
                             SCMP_SYS(syslog),
                             SCMP_SYS(iopl),
                             SCMP_SYS(ioperm),
                             SCMP_SYS(modify_ldt),
                             SCMP_SYS(sethostname),
                             SCMP_SYS(setdomainname),
                             SCMP_SYS(settimeofday),
                             SCMP_SYS(clock_settime),
                             SCMP_SYS(clock_adjtime),
                             SCMP_SYS(vhangup)};

// ---- What depends on the arguments

// Arguments are compared as the kernel takes them: an int by its lower half.
scmp_arg_cmp bits(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}
template <class Value>
scmp_arg_cmp is(unsigned argument, Value value) {
  return bits(argument, 0xFFFFFFFF, static_cast<std::uint32_t>(value));
}
scmp_arg_cmp is_below(unsigned argument, std::uint64_t value) { return {argument, SCMP_CMP_LT, value, 0}; }

// The filter while it is made. What no rule names is refused.
class Filter {
 public:
  Filter() : filter_(::seccomp_init(SCMP_ACT_TRAP), ::seccomp_release) {
    if (!filter_) check(-ENOMEM, "making a filter for system calls");
    // Another architecture's numbers mean other calls.
    check(::seccomp_attr_set(filter_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "filter attribute");
    check(::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_TSYNC, 1), "filter attribute");
  }

  void add(std::uint32_t action, int call, std::initializer_list<scmp_arg_cmp> conditions = {}) {
    if (call < 0) return;  // not on this architecture
    check(::seccomp_rule_add_array(filter_.get(), action, call, static_cast<unsigned>(conditions.size()),
                                   std::data(conditions)),
          "filter rule");
  }
  /// Of several, one must hold; within one, all conditions.
  void allow(int call, std::initializer_list<scmp_arg_cmp> conditions) { add(SCMP_ACT_ALLOW, call, conditions); }
  void allow(std::span<const int> calls) {
    for (const int call : calls) add(SCMP_ACT_ALLOW, call);
  }
  void kill(std::span<const int> calls) {
    for (const int call : calls) add(SCMP_ACT_KILL_PROCESS, call);
  }
  void put_first(std::span<const int> calls) {
    std::uint8_t priority = 255;
    for (const int call : calls)
      if (call >= 0) check(::seccomp_syscall_priority(filter_.get(), call, priority--), "filter priority");
  }
  void load() { check(::seccomp_load(filter_.get()), "filtering system calls"); }

 private:
  static void check(int result, const char* what) {
    if (result < 0) throw std::system_error{-result, std::system_category(), what};
  }

  std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, decltype(&::seccomp_release)> filter_;
};

// Signals and limits for this process only.
void allow_on_itself(Filter& filter) {
  const auto self = ::getpid();
  for (const int call : {SCMP_SYS(kill), SCMP_SYS(tgkill), SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo)})
    filter.allow(call, {is(0, self)});
  filter.allow(SCMP_SYS(prlimit64), {is(0, 0)});
  filter.allow(SCMP_SYS(prlimit64), {is(0, self)});
}

// Threads, but no processes and no namespaces. The flags of clone3 are in memory, where no filter can look: ENOSYS
// makes the C library use clone.
void allow_threads(Filter& filter) {
  constexpr std::uint64_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                        CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME;
  filter.add(SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3));
  if (!kSanitizer) filter.allow(SCMP_SYS(clone), {bits(0, CLONE_THREAD | kNamespaces, CLONE_THREAD)});
}

// No mapping is both written and executed, and none becomes executable: libraries are mapped as they are. Whether a
// file that is mapped was written before is more than a filter can see, of one in memory too: MFD_NOEXEC_SEAL and
// PR_SET_MDWE, both since Linux 6.3, do not forbid it either.
void allow_memory(Filter& filter) {
  filter.allow(kMemory);
  filter.allow(SCMP_SYS(mmap), {bits(2, PROT_WRITE, 0)});
  filter.allow(SCMP_SYS(mmap), {bits(2, PROT_EXEC, 0)});
  filter.allow(SCMP_SYS(mprotect), {bits(2, PROT_EXEC, 0)});
}

// The families that reach a KDC, a directory, a name server and local services. Netlink is how the C library asks for
// the addresses of this host.
void allow_sockets(Filter& filter) {
  for (const int family : {AF_UNIX, AF_INET, AF_INET6})
    for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET})
      filter.allow(SCMP_SYS(socket), {is(0, family), bits(1, 0xF, static_cast<unsigned>(type))});
  filter.allow(SCMP_SYS(socket), {is(0, AF_NETLINK), is(2, NETLINK_ROUTE)});
  filter.allow(SCMP_SYS(socketpair), {is(0, AF_UNIX)});
  filter.allow(SCMP_SYS(setsockopt), {is(1, SOL_SOCKET), is_below(2, SO_ATTACH_FILTER)});
  for (const int level : {int{IPPROTO_TCP}, int{IPPROTO_IP}, int{IPPROTO_IPV6}, int{SOL_NETLINK}})
    filter.allow(SCMP_SYS(setsockopt), {is(1, level)});
}

// Not those that have signals sent to somebody (F_SETOWN, F_SETSIG, FIOSETOWN), nor those that put characters into a
// terminal.
void allow_descriptors(Filter& filter) {
  for (const int command : {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW,
                            F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_ADD_SEALS, F_GET_SEALS, F_GETPIPE_SZ})
    filter.allow(SCMP_SYS(fcntl), {is(1, command)});
  for (const unsigned long request :
       {std::uint64_t{FIONBIO}, std::uint64_t{FIONREAD}, std::uint64_t{FIOCLEX}, std::uint64_t{FIONCLEX},
        std::uint64_t{TCGETS}, std::uint64_t{TIOCGWINSZ}, std::uint64_t{SIOCGIFNAME}, std::uint64_t{SIOCGIFINDEX},
        std::uint64_t{SIOCGIFCONF}, std::uint64_t{SIOCGIFFLAGS}, std::uint64_t{SIOCGIFADDR}, std::uint64_t{SIOCOUTQ}})
    filter.allow(SCMP_SYS(ioctl), {is(1, request)});
}

// Names of threads and of memory. Not PR_SET_DUMPABLE, with which the process would open itself to its user's others.
void allow_names(Filter& filter) {
  constexpr int kNameMemory = 0x53564D41;  // PR_SET_VMA, of later C libraries
  for (const int option :
       {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_GET_NO_NEW_PRIVS, PR_CAPBSET_READ, kNameMemory})
    filter.allow(SCMP_SYS(prctl), {is(0, option)});
}

}  // namespace

void restrict_system_calls(const Calls& calls) {
  Filter filter;
  for (const auto& group :
       {std::span<const int>{kOften}, std::span<const int>{kFiles}, std::span<const int>{kEvents},
        std::span<const int>{kConnections}, std::span<const int>{kThreads}, std::span<const int>{kQuestions}})
    filter.allow(group);
  allow_memory(filter);
  allow_threads(filter);
  allow_sockets(filter);
  allow_descriptors(filter);
  allow_on_itself(filter);
  if (calls.keyrings) filter.allow(kKeyrings);
  if (kSanitizer)
    filter.allow(kOfSanitizers);
  else {
    allow_names(filter);
    filter.add(SCMP_ACT_KILL_PROCESS, SCMP_SYS(ptrace));
  }
  filter.kill(kDeadly);
  filter.put_first(kOften);
  filter.load();
}

}  // namespace sspid::worker::sandbox
