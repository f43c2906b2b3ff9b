// Children that a test forks from itself, with all handles it has.
#pragma once

#include <cstdio>
#include <exception>
#include <functional>

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sspid::test {

/// Runs `work` in a forked child, which ends without a word to anybody: no destructor of the parent's objects runs
/// there. Its status is 1 when `work` throws.
inline pid_t fork_child(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  try {
    work();
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "in the child: %s\n", failure.what());
    ::_exit(1);
  }
  ::_exit(0);
}

/// Exit status of a child, -1 when a signal ended it.
inline int wait_for_child(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

}  // namespace sspid::test
