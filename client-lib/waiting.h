// The two ways to wait, which every step of a call knows: its thread blocks, or the step returns and says what it waits
// for, so that an event loop can do the waiting.
#pragma once

#include <chrono>

namespace sspi {

enum class Pace { blocking, nonblocking };

/// What a step that may not block waits for before it can go on.
struct Wait {
  enum class For {
    nothing,
    readable,  ///< the socket
    writable,  ///< the socket
    time,      ///< `pause` has passed
    bell,      ///< another thread, or another call of this one, rings
  };
  For what = For::nothing;
  int socket = -1;
  std::chrono::milliseconds pause{0};
};

/// Rung for somebody who waits for what another call has: a context, a connection.
class Bell {
 public:
  /// Any thread may ring, holding a lock of fork.h. It does not wait.
  virtual void ring() noexcept = 0;

 protected:
  ~Bell() = default;
};

}  // namespace sspi
