// Threads for the calls that may wait for a KDC: one for each such call at the same moment, up to a bound. They are
// started when they are needed and end when they were not for a while, so that a worker whose clients wait for nothing
// has none, and a hundred initiations that wait for a slow KDC do not wait for each other.
//
// Any thread may call anything here.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "daemon/asio.h"

namespace sspid::worker {

class WaitingThreads {
 public:
  explicit WaitingThreads(std::size_t most) : most_(most) {}
  WaitingThreads(const WaitingThreads&) = delete;
  WaitingThreads& operator=(const WaitingThreads&) = delete;
  ~WaitingThreads() { stop(); }

  /// One call's claim to a thread. Make it, then post to context(); it ends when the call has left the thread.
  class Claim {
   public:
    explicit Claim(WaitingThreads& threads) : threads_(threads) { threads_.claim(); }
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim() { threads_.release(); }

   private:
    WaitingThreads& threads_;
  };

  [[nodiscard]] asio::io_context& context() { return context_; }

  /// Ends all threads, after what each is doing now. What was posted and has not begun never does.
  void stop();

  [[nodiscard]] std::size_t size() const;
  /// Calls that have a thread or wait for one.
  [[nodiscard]] std::size_t claims() const;
  [[nodiscard]] std::size_t most() const { return most_; }

 private:
  void claim();
  void release();
  void run();
  [[nodiscard]] bool is_surplus();

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t claims_ = 0;
  std::size_t threads_ = 0;
  bool stopping_ = false;
  asio::io_context context_;  // goes first: calls that never began have claims
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
};

}  // namespace sspid::worker
