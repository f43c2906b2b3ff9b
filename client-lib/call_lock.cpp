#include "client-lib/call_lock.h"

#include "client-lib/fork.h"

namespace sspi {

namespace {

constexpr std::uint32_t kAsynchronous = std::uint32_t{1} << 31;

}  // namespace

bool CallLock::lock(bool wait_for_asynchronous) {
  const std::uint32_t self = process_generation();
  for (std::uint32_t seen = 0;;) {
    if (holder_.compare_exchange_weak(seen, self)) return true;
    // `seen` is now the holder. A holder of another generation is a call of the parent: the next turn takes over.
    if ((seen & ~kAsynchronous) != self) continue;
    if (seen != self && !wait_for_asynchronous) return false;
    holder_.wait(seen, std::memory_order_relaxed);
    seen = 0;
  }
}

void CallLock::lock() { (void)lock(true); }

bool CallLock::lock_unless_asynchronous() { return lock(false); }

bool CallLock::try_lock_asynchronously() {
  const std::uint32_t self = process_generation();
  for (std::uint32_t seen = 0;;) {
    if (holder_.compare_exchange_weak(seen, self | kAsynchronous)) return true;
    if ((seen & ~kAsynchronous) == self) return false;
  }
}

// Sequentially consistent, as taking it is: who queues for the lock and then fails to take it is seen by whoever frees
// it and then looks at the queue.
void CallLock::unlock() {
  holder_.store(0);
  holder_.notify_one();
}

}  // namespace sspi
