#include "daemon/worker/privileges.h"

#include <cerrno>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sspid::worker {

namespace {

// The leak checker of sanitizer builds attaches to its own process, which must be dumpable for that. The only
// difference between their workers and others.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr unsigned long kDumpable = 1;
#else
constexpr unsigned long kDumpable = 0;
#endif

void check(long result, const char* what) {
  if (result != 0) throw std::system_error{errno, std::system_category(), what};
}

// Needs CAP_SETPCAP, so it comes before the change of user. Ends at the first number that the kernel does not know.
void empty_bounding_set() {
  for (unsigned long capability = 0; capability <= 63; ++capability)
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno == EINVAL) return;
}

// Whoever inherits a session keyring has all rights to the keys in it, whatever user it becomes: those of who started
// sspid, root's tickets among them, are nothing to a worker.
void leave_session_keyring() {
  if (::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr) >= 0) return;
  // There are no keyrings in this kernel, or none for this container: then there are no keys either.
  if (errno == ENOSYS || errno == EPERM) return;
  throw std::system_error{errno, std::system_category(), "leaving the session keyring"};
}

void become(const Ids& ids) {
  check(::setgroups(0, nullptr), "setgroups");
  check(::setresgid(ids.gid, ids.gid, ids.gid), "setresgid");
  check(::setresuid(ids.uid, ids.uid, ids.uid), "setresuid");
  if (::setuid(0) == 0) throw std::runtime_error{"root's rights could be taken back"};
}

void drop_capabilities() {
  check(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "clearing ambient capabilities");
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3]{};
  check(::syscall(SYS_capset, &header, none), "dropping capabilities");
}

}  // namespace

void drop_privileges(const std::optional<Ids>& ids) {
  leave_session_keyring();
  if (::geteuid() == 0) {
    if (!ids || ids->uid == 0) throw std::runtime_error{"root's worker was not told whom to become"};
    empty_bounding_set();
    become(*ids);
    spdlog::debug("running as user {}, group {}", ids->uid, ids->gid);
  }
  drop_capabilities();
  check(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "setting no_new_privs");
  check(::prctl(PR_SET_DUMPABLE, kDumpable, 0, 0, 0), "setting dumpable");
  const rlimit no_core{0, 0};
  check(::setrlimit(RLIMIT_CORE, &no_core), "forbidding core files");
}

void warn_of_unreadable_configuration() {
  const char* named = std::getenv("KRB5_CONFIG");
  std::istringstream paths{named != nullptr ? named : "/etc/krb5.conf"};
  for (std::string path; std::getline(paths, path, ':');)
    if (::access(path.c_str(), R_OK) != 0)
      spdlog::warn("user {} cannot read {}: {}", ::getuid(), path, std::system_category().message(errno));
}

}  // namespace sspid::worker
