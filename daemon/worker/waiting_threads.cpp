#include "daemon/worker/waiting_threads.h"

#include <chrono>
#include <system_error>
#include <thread>

#include <openssl/crypto.h>

namespace sspid::worker {

namespace {

using namespace std::chrono_literals;

// How long a thread waits for its next call: one that comes often should not start a thread each time.
constexpr auto kIdle = 10s;

}  // namespace

void WaitingThreads::claim() {
  const std::lock_guard lock{mutex_};
  ++claims_;
  if (claims_ <= threads_ || threads_ >= most_ || stopping_) return;
  try {
    std::thread{[this] { run(); }}.detach();
    ++threads_;
  } catch (const std::system_error&) {
    // The call waits for one of those that there are.
    if (threads_ != 0) return;
    --claims_;
    throw;
  }
}

void WaitingThreads::release() {
  const std::lock_guard lock{mutex_};
  --claims_;
}

void WaitingThreads::run() {
  do {
    while (context_.run_one_for(kIdle) != 0) {
    }
    // What OpenSSL keeps for a thread goes now: the process may end before a detached thread has.
    ::OPENSSL_thread_stop();
  } while (!is_surplus());
}

// Whether the calling thread is to end; then it counts no more.
bool WaitingThreads::is_surplus() {
  const std::lock_guard lock{mutex_};
  if (!stopping_ && threads_ <= claims_) return false;
  if (--threads_ == 0) ended_.notify_all();
  return true;
}

void WaitingThreads::stop() {
  std::unique_lock lock{mutex_};
  stopping_ = true;
  context_.stop();
  ended_.wait(lock, [this] { return threads_ == 0; });
}

std::size_t WaitingThreads::claims() const {
  const std::lock_guard lock{mutex_};
  return claims_;
}

std::size_t WaitingThreads::size() const {
  const std::lock_guard lock{mutex_};
  return threads_;
}

}  // namespace sspid::worker
