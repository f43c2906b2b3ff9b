// What fork() means to the library: how a child is noticed, and how the few global tables stay whole in it.
//
// A child keeps its parent's handles but must never use its parent's sockets. It is noticed without a system call: one
// page of memory is zero in a child (MADV_WIPEONFORK). Any thread may call these.
#pragma once

#include <cstdint>
#include <mutex>

namespace sspi {

/// A number that a process and its forked children do not share. Never 0.
[[nodiscard]] std::uint32_t process_generation();

/// The locks of the global tables. All are leaves: no other lock is taken and nothing waits while one is held, so
/// fork() can take all of them and a child finds every table whole and every lock free.
struct Locks {
  std::mutex sessions;  ///< the current session and the pool of every session
  std::mutex handles;   ///< the registry of handles
  std::mutex buffers;   ///< the registry of FreeContextBuffer
  std::mutex embedded;  ///< the program's own daemon; the one that is held for longer: until it has been executed
};

[[nodiscard]] Locks& locks();

}  // namespace sspi
