#include "client-lib/call_lock.h"

#include "client-lib/fork.h"

namespace sspi {

void CallLock::lock() {
  const std::uint32_t self = process_generation();
  for (std::uint32_t seen = 0;;) {
    if (holder_.compare_exchange_weak(seen, self, std::memory_order_acquire)) return;
    // `seen` is now the holder. A holder of another generation is a thread of the parent: the next turn takes over.
    if (seen != self) continue;
    holder_.wait(seen, std::memory_order_relaxed);
    seen = 0;
  }
}

void CallLock::unlock() {
  holder_.store(0, std::memory_order_release);
  holder_.notify_one();
}

}  // namespace sspi
