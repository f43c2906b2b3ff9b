#include "daemon/worker/reporter.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace sspid::worker {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Only administrators ask. Each report may keep its reader waiting for the one before.
constexpr std::size_t kMostWaiting = 8;

// Who asked for a report reads it at once.
constexpr auto kPatience = 5s;

// Few writes, and no more memory than that.
constexpr std::size_t kPiece = std::size_t{64} << 10;

}  // namespace

Reporter::Reporter(std::function<void(const Sink&)> report)
    : report_(std::move(report)), stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!stop_) throw std::system_error(errno, std::system_category(), "eventfd");
}

Reporter::~Reporter() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto woken = ::write(stop_.get(), &one, sizeof one);
  if (thread_.joinable()) thread_.join();
}

void Reporter::write_to(proto::Descriptor pipe) {
  const std::lock_guard lock{mutex_};
  if (waiting_.size() >= kMostWaiting) return;
  waiting_.push_back(std::move(pipe));
  if (running_) return;
  if (thread_.joinable()) thread_.join();  // it has come to its end
  try {
    thread_ = std::thread{[this] { run(); }};
    running_ = true;
  } catch (const std::system_error& error) {
    spdlog::error("no thread for a report: {}", error.what());
    waiting_.clear();
  }
}

void Reporter::run() {
  while (true) {
    proto::Descriptor pipe;
    {
      const std::lock_guard lock{mutex_};
      if (waiting_.empty()) {
        running_ = false;
        return;
      }
      pipe = std::move(waiting_.front());
      waiting_.pop_front();
    }
    write(pipe);
  }
}

void Reporter::write(const proto::Descriptor& pipe) const {
  ::fcntl(pipe.get(), F_SETFL, O_NONBLOCK);
  const auto deadline = Clock::now() + kPatience;
  std::string piece;
  const auto flush = [&] {
    const bool wanted = put(pipe.get(), piece, deadline);
    piece.clear();
    return wanted;
  };
  try {
    report_([&](std::string_view text) {
      piece += text;
      return piece.size() < kPiece || flush();
    });
    flush();
  } catch (const std::exception& error) {
    spdlog::error("a report was not finished: {}", error.what());
  }
}

// False: the reader is gone, or does not read, or the worker ends.
bool Reporter::put(int pipe, std::string_view text, Clock::time_point deadline) const {
  while (!text.empty()) {
    const auto written = ::write(pipe, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (written < 0 && errno != EAGAIN && errno != EINTR) return false;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd watched[] = {{pipe, POLLOUT, 0}, {stop_.get(), POLLIN, 0}};
    if (::poll(watched, 2, static_cast<int>(left)) > 0 && watched[1].revents != 0) return false;
  }
  return true;
}

}  // namespace sspid::worker
