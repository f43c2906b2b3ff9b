// Writes reports to whoever asked for one, on a thread of its own: neither a client nor another report waits for a
// reader that does not read. The thread is there while there is something to write.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "daemon/worker/report.h"
#include "proto/descriptor.h"

namespace sspid::worker {

class Reporter {
 public:
  /// `report` is called on the reporter's thread.
  explicit Reporter(std::function<void(const Sink&)> report);
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;
  ~Reporter();

  /// Writes a report there and closes it. Drops it where too many wait already. Any thread.
  void write_to(proto::Descriptor pipe);

 private:
  void run();
  void write(const proto::Descriptor& pipe) const;
  [[nodiscard]] bool put(int pipe, std::string_view text, std::chrono::steady_clock::time_point deadline) const;

  const std::function<void(const Sink&)> report_;
  proto::Descriptor stop_;  ///< eventfd, readable when the reporter is to end
  std::mutex mutex_;
  std::deque<proto::Descriptor> waiting_;
  bool running_ = false;
  std::thread thread_;
};

}  // namespace sspid::worker
