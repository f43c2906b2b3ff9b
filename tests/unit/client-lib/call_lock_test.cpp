#include "client-lib/call_lock.h"

#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sspi {
namespace {

TEST(CallLock, lets_one_call_in_at_a_time) {
  CallLock lock;
  int inside = 0;
  long count = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) {
          const std::lock_guard guard(lock);
          EXPECT_EQ(++inside, 1);
          ++count;
          --inside;
        }
      });
  }
  EXPECT_EQ(count, 8000);
}

TEST(CallLock, is_free_in_a_child_whose_parent_holds_it) {
  CallLock lock;
  const std::lock_guard held(lock);
  const pid_t child = fork();
  if (child == 0) {
    alarm(30);
    lock.lock();
    lock.unlock();
    lock.lock();
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace sspi
