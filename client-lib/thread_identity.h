// As whom the calling thread meets files: its fsuid, fsgid and supplementary groups, which Linux keeps per thread.
//
// Set by system calls of their own: glibc's setgroups() changes all threads of the process. Effects reach the calling
// thread, and the threads and processes that it makes meanwhile.
#pragma once

#include <vector>

#include <sys/types.h>

namespace sspi {

struct ThreadIdentity {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;  ///< in the order of the kernel

  bool operator==(const ThreadIdentity&) const = default;
};

/// Throws bad_alloc, or runtime_error where the kernel tells nothing.
[[nodiscard]] ThreadIdentity thread_identity();

enum class Switched {
  yes,
  no,    ///< nothing has changed: the privilege is missing
  torn,  ///< a part has changed and cannot be changed back
};

/// Changes all three or none, and looks whether they have changed. No signal handler of this thread runs in between.
[[nodiscard]] Switched switch_thread(const ThreadIdentity& wanted);

}  // namespace sspi
