#include "client-lib/fork.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sspi {
namespace {

int status_of_child(pid_t child) {
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Fork, gives_every_process_a_generation_of_its_own) {
  const std::uint32_t own = process_generation();
  EXPECT_NE(own, 0u);
  const pid_t child = fork();
  if (child == 0) {
    const std::uint32_t first = process_generation();
    const pid_t grandchild = fork();
    if (grandchild == 0) _exit(process_generation() != first && process_generation() != own ? 0 : 1);
    int status = 0;
    waitpid(grandchild, &status, 0);
    _exit(first != own && first == process_generation() && WEXITSTATUS(status) == 0 ? 0 : 1);
  }
  EXPECT_EQ(status_of_child(child), 0);
  EXPECT_EQ(process_generation(), own);
}

TEST(Fork, leaves_the_locks_free_in_the_child_whoever_held_them) {
  std::atomic<bool> stop = false;
  std::jthread busy([&] {
    while (!stop) {
      const std::lock_guard sessions(locks().sessions);
    }
  });
  for (int i = 0; i < 50; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(30);  // a lock that is held for ever ends the child by a signal
      const std::scoped_lock all(locks().sessions, locks().handles, locks().buffers);
      _exit(0);
    }
    ASSERT_EQ(status_of_child(child), 0);
  }
  stop = true;
}

}  // namespace
}  // namespace sspi
