// Serialises the calls on one object. Unlike a mutex it may be held for as long as a call takes and still survive
// fork(): in the child, where the thread that held it does not exist, it counts as free.
//
// An asynchronous call holds it beyond the thread that started it. Nobody blocks for such a holder: the thread that
// would wait may be the very one that has to carry the call on.
#pragma once

#include <atomic>
#include <cstdint>

namespace sspi {

class CallLock {
 public:
  CallLock() = default;
  CallLock(const CallLock&) = delete;
  CallLock& operator=(const CallLock&) = delete;

  void lock();
  void unlock();

  /// Waits for calls that block their threads. False, and not locked: an asynchronous call has it.
  [[nodiscard]] bool lock_unless_asynchronous();

  /// For an asynchronous call: takes it where it is free now.
  [[nodiscard]] bool try_lock_asynchronously();

 private:
  [[nodiscard]] bool lock(bool wait_for_asynchronous);

  // The generation of the process that holds it, with a mark where the call is asynchronous; 0 when free.
  std::atomic<std::uint32_t> holder_{0};
};

}  // namespace sspi
