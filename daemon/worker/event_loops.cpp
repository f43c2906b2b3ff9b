#include "daemon/worker/event_loops.h"

#include <thread>

namespace sspid::worker {

EventLoops::EventLoops(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<EventLoop>());
}

// Begins at another one each time, so that connections which make no calls yet spread too.
EventLoop& EventLoops::least_busy() {
  const std::size_t begin = turn_++ % loops_.size();
  std::size_t best = begin;
  for (std::size_t i = 1; i < loops_.size(); ++i) {
    const std::size_t candidate = (begin + i) % loops_.size();
    if (loops_[candidate]->callers < loops_[best]->callers) best = candidate;
  }
  return *loops_[best];
}

bool EventLoops::went_round() {
  bool all = true;
  for (const auto& loop : loops_) {
    if (loop->asked.exchange(true))
      all = false;
    else
      asio::post(loop->context, [&asked = loop->asked] { asked = false; });
  }
  return all;
}

void EventLoops::run() {
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < loops_.size(); ++i)
    others.emplace_back([&context = loops_[i]->context] {
      const auto work = asio::make_work_guard(context);
      context.run();
    });
  first().run();
}

void EventLoops::stop() {
  for (const auto& loop : loops_) loop->context.stop();
}

}  // namespace sspid::worker
