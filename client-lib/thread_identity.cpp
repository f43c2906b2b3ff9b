#include "client-lib/thread_identity.h"

#include <algorithm>
#include <stdexcept>

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sspi {

namespace {

// On 32-bit systems the plain names are calls with 16-bit numbers.
#ifdef SYS_setfsuid32
constexpr long kSetFsUid = SYS_setfsuid32, kSetFsGid = SYS_setfsgid32;
constexpr long kSetGroups = SYS_setgroups32, kGetGroups = SYS_getgroups32;
#else
constexpr long kSetFsUid = SYS_setfsuid, kSetFsGid = SYS_setfsgid;
constexpr long kSetGroups = SYS_setgroups, kGetGroups = SYS_getgroups;
#endif

constexpr auto kNobody = static_cast<uid_t>(-1);  // changes nothing, so that the call only tells

uid_t current_user() { return static_cast<uid_t>(syscall(kSetFsUid, kNobody)); }
gid_t current_group() { return static_cast<gid_t>(syscall(kSetFsGid, kNobody)); }

std::vector<gid_t> current_groups() {
  for (;;) {
    const long count = syscall(kGetGroups, 0, nullptr);
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(count, 0L)));
    if (count == 0) return groups;
    const long got = count < 0 ? count : syscall(kGetGroups, count, groups.data());
    if (got == count) return groups;
    if (got < 0) throw std::runtime_error("the thread's groups cannot be read");
  }
}

std::vector<gid_t> sorted(std::vector<gid_t> groups) {
  std::sort(groups.begin(), groups.end());
  return groups;
}

// Each of these tells whether the thread is now as wanted. What is so already needs no privilege.

bool set_user(uid_t user) {
  if (current_user() == user) return true;
  syscall(kSetFsUid, user);  // reports no error
  return current_user() == user;
}

bool set_group(gid_t group) {
  if (current_group() == group) return true;
  syscall(kSetFsGid, group);
  return current_group() == group;
}

bool set_groups(const std::vector<gid_t>& groups) {
  const std::vector<gid_t> wanted = sorted(groups);
  if (sorted(current_groups()) == wanted) return true;
  return syscall(kSetGroups, groups.size(), groups.data()) == 0 && sorted(current_groups()) == wanted;
}

// What always needs a privilege comes first, both ways, so that its want shows before anything has changed: a thread
// may go back to its own uid and gid without, but never to its own groups.
bool set_all(const ThreadIdentity& wanted) {
  try {
    return set_groups(wanted.groups) && set_group(wanted.group) && set_user(wanted.user);
  } catch (const std::exception&) {
    return false;  // no memory to look at the groups: what was set is not known
  }
}

class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

ThreadIdentity thread_identity() { return {current_user(), current_group(), current_groups()}; }

Switched switch_thread(const ThreadIdentity& wanted) {
  const ThreadIdentity before = thread_identity();
  const SignalsHeld held;
  if (set_all(wanted)) return Switched::yes;
  return set_all(before) ? Switched::no : Switched::torn;
}

}  // namespace sspi
