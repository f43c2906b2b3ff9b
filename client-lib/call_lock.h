// Serialises the calls on one object. Unlike a mutex it may be held for as long as a call takes and still survive
// fork(): in the child, where the thread that held it does not exist, it counts as free.
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

 private:
  std::atomic<std::uint32_t> holder_{0};  // the generation of the process that holds it, 0 when free
};

}  // namespace sspi
