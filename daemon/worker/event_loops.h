// The worker's event loops: a few threads, each with connections of its own. Passing a call from one thread to another
// costs more than most calls take.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "daemon/asio.h"

namespace sspid::worker {

struct EventLoop {
  asio::io_context context{1};
  std::atomic<std::size_t> callers{0};  ///< its connections that make calls
  std::atomic<bool> asked{false};       ///< to go round, and has not yet
};

/// One more caller of a loop, as long as this lives.
class Caller {
 public:
  explicit Caller(EventLoop& loop) : loop_(loop) { ++loop_.callers; }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  ~Caller() { --loop_.callers; }

 private:
  EventLoop& loop_;
};

class EventLoops {
 public:
  explicit EventLoops(std::size_t count);

  /// The one for what is not a connection.
  [[nodiscard]] asio::io_context& first() { return loops_.front()->context; }

  /// Where a new connection should go. One thread.
  [[nodiscard]] EventLoop& least_busy();

  /// Whether every loop has gone round since the last call of this. One thread.
  [[nodiscard]] bool went_round();

  /// Runs all of them, the first on the calling thread, until stop().
  void run();

  /// Any thread.
  void stop();

 private:
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::size_t turn_ = 0;
};

}  // namespace sspid::worker
