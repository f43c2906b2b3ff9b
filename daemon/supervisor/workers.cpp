#include "daemon/supervisor/workers.h"

#include <algorithm>
#include <chrono>
#include <system_error>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fcntl.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include "daemon/refusal.h"

namespace sspid::supervisor {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// As many as the kernel's own queue of a listening socket.
constexpr std::size_t kMaxWaiting = 4096;

// A worker that lived for so long is replaced at once; those that die younger, after pauses that grow up to the last.
constexpr Clock::duration kGrownUp = 10s;
constexpr Clock::duration kFirstPause = 50ms;
constexpr Clock::duration kLongestPause = 1s;

// How long a worker whose control socket is closed may take to end.
constexpr Clock::duration kStopGrace = 5s;

constexpr auto kReadable = asio::posix::descriptor_base::wait_read;
constexpr auto kWritable = asio::posix::descriptor_base::wait_write;

}  // namespace

struct Workers::Current {
  Current(const asio::any_io_executor& executor, Child started)
      : child(std::move(started)),
        control(executor, child.control.release()),
        process(executor, child.process.release()) {}

  Child child;
  asio::posix::stream_descriptor control;
  asio::posix::stream_descriptor process;
  bool ready = false;
  bool awaits_room = false;  ///< its queue is full
};

Workers::Workers(asio::any_io_executor executor, Settings settings, std::function<void()> ready)
    : executor_(std::move(executor)), settings_(std::move(settings)), ready_(std::move(ready)), pause_(executor_) {
  add_file("keytab", settings_.keytab, [](bool present) -> control::Message { return control::Keytab{present}; });
  add_file("users file", settings_.users, [](bool present) -> control::Message { return control::Users{present}; });
}

void Workers::add_file(const char* what, const std::optional<std::string>& path,
                       control::Message (*message)(bool present)) {
  if (path) files_.push_back({PassedFile{what, *path}, message});
}

asio::awaitable<void> Workers::run() {
  for (Passed& passed : files_)
    if (const int events = passed.file.watch(); events >= 0)
      asio::co_spawn(executor_, watch(passed, proto::Descriptor{::fcntl(events, F_DUPFD_CLOEXEC, 0)}), asio::detached);
  Clock::duration pause{};
  while (!stopping_) {
    const auto started = Clock::now();
    try {
      co_await live();
    } catch (const std::system_error& error) {
      spdlog::error("no worker could be started: {}", error.what());
    }
    if (stopping_) break;
    if (Clock::now() - started >= kGrownUp) pause = {};
    pause_.expires_after(pause);
    co_await pause_.async_wait(no_throw);
    pause = std::clamp(2 * pause, kFirstPause, kLongestPause);
  }
}

asio::awaitable<void> Workers::live() {
  Current current{executor_, spawn_worker(settings_.arguments)};
  current_ = &current;
  for (Passed& passed : files_) passed.due = true;
  spdlog::debug("worker {} started", current.child.pid);
  co_await listen(current);
  current_ = nullptr;
  co_await await_end(current);
  const auto end = reap(current.child);
  if (stopping_)
    spdlog::debug("worker {} ended: {}", current.child.pid, end);
  else
    spdlog::error("worker {} died: {}; its contexts are lost, another one is started", current.child.pid, end);
}

// Until the worker's end of the pair is closed, as it is at the latest when the process ends.
asio::awaitable<void> Workers::listen(Current& current) {
  while (true) {
    const auto received = control::receive(current.control.native_handle());
    if (std::holds_alternative<control::Closed>(received)) co_return;
    if (std::holds_alternative<control::Nothing>(received)) {
      const auto [error] = co_await current.control.async_wait(kReadable, no_throw);
      if (error) co_return;
      continue;
    }
    const auto* message = std::get_if<control::Received>(&received);
    if (message == nullptr || !std::holds_alternative<control::Ready>(message->message) || current.ready) {
      spdlog::error("worker {} broke the control protocol and is killed", current.child.pid);
      ::kill(current.child.pid, SIGKILL);
      co_return;
    }
    spdlog::info("worker {} is ready", current.child.pid);
    current.ready = true;
    flush();
    ready_();
  }
}

asio::awaitable<void> Workers::await_end(Current& current) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer grace{executor_, kStopGrace};
  const auto first = co_await (current.process.async_wait(kReadable, no_throw) || grace.async_wait(no_throw));
  if (first.index() == 0) co_return;
  spdlog::warn("worker {} does not end and is killed", current.child.pid);
  ::kill(current.child.pid, SIGKILL);
  co_await current.process.async_wait(kReadable, no_throw);
}

asio::awaitable<void> Workers::watch(Passed& passed, proto::Descriptor watched) {
  asio::posix::stream_descriptor events{executor_, watched.release()};
  while (!stopping_) {
    const auto [error] = co_await events.async_wait(kReadable, no_throw);
    if (error) co_return;
    if (!passed.file.drain_watch() || current_ == nullptr) continue;
    passed.due = true;
    flush();
  }
}

void Workers::hand_over(const Identity&, const Peer& peer, proto::Descriptor socket) {
  if (stopping_) return refuse(socket.get(), proto::Refusal::shutting_down);
  if (waiting_.size() >= kMaxWaiting) return refuse(socket.get(), proto::Refusal::too_many);
  waiting_.push_back({peer, std::move(socket)});
  flush();
}

// The files always go first: a connection never meets a worker that lacks them.
void Workers::flush() {
  if (current_ == nullptr || !current_->ready || current_->awaits_room) return;
  Current& current = *current_;
  for (Passed& passed : files_)
    if ((passed.due || passed.file.changed()) && !pass_file(current, passed)) return;
  while (!waiting_.empty()) {
    if (!pass_connection(current, waiting_.front())) return;
    waiting_.pop_front();
  }
}

bool Workers::pass_file(Current& current, Passed& passed) {
  const auto copy = passed.file.copy();
  passed.due = !pass(current, passed.message(static_cast<bool>(copy)), copy.get());
  if (!passed.due)
    spdlog::info("{} {} passed on: {}", passed.file.what(), passed.file.path(), copy ? "present" : "none");
  return !passed.due;
}

bool Workers::pass_connection(Current& current, const Waiting& connection) {
  return pass(current, control::Connection{connection.peer}, connection.socket.get());
}

// False: not now. What is to be passed stays where it is; flush() comes again, for this worker or the next.
bool Workers::pass(Current& current, const control::Message& message, int descriptor) {
  switch (control::send(current.control.native_handle(), message, descriptor)) {
    case control::Sent::done:
      return true;
    case control::Sent::queue_full:
      await_room(current);
      return false;
    case control::Sent::peer_gone:  // listen() learns it too
      return false;
  }
  return false;
}

void Workers::await_room(Current& current) {
  current.awaits_room = true;
  current.control.async_wait(kWritable, [this, &current](const boost::system::error_code& error) {
    if (error || current_ != &current) return;
    current.awaits_room = false;
    flush();
  });
}

void Workers::stop() {
  stopping_ = true;
  for (const Waiting& connection : waiting_) refuse(connection.socket.get(), proto::Refusal::shutting_down);
  waiting_.clear();
  pause_.cancel();
  // The worker ends when the pair is cut.
  if (current_ != nullptr) ::shutdown(current_->control.native_handle(), SHUT_RDWR);
}

}  // namespace sspid::supervisor
