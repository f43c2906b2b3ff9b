#include "daemon/supervisor/keeper.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <system_error>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fcntl.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include "daemon/refusal.h"

namespace sspid::supervisor {

namespace {

using Clock = Past::Clock;
using namespace std::chrono_literals;

// As many as the kernel's own queue of a listening socket.
constexpr std::size_t kMaxWaiting = 4096;

// A worker that lived for so long is replaced at once; those that die younger, after pauses that grow up to the last.
constexpr Clock::duration kGrownUp = 10s;
constexpr Clock::duration kFirstPause = 50ms;
constexpr Clock::duration kLongestPause = 1s;

// How long a worker whose control socket is closed may take to end.
constexpr Clock::duration kStopGrace = 5s;

// Messages of a worker that are heeded before others have their turn. An honest one has a message a second.
constexpr int kMostInATurn = 16;

constexpr auto kReadable = asio::posix::descriptor_base::wait_read;
constexpr auto kWritable = asio::posix::descriptor_base::wait_write;

}  // namespace

struct Keeper::Current {
  Current(const asio::any_io_executor& executor, Child started)
      : child(std::move(started)),
        control(executor, child.control.release()),
        process(executor, child.process.release()),
        silence(executor) {}

  Child child;
  asio::posix::stream_descriptor control;
  asio::posix::stream_descriptor process;
  asio::steady_timer silence;  ///< since it was heard of last
  const std::int64_t since = std::time(nullptr);
  std::uint32_t connections = 0;  ///< passed to it
  bool ready = false;
  bool granted = false;      ///< it knows what it is allowed
  bool awaits_room = false;  ///< its queue is full
  bool dismissed = false;    ///< nobody needed it
};

/// A file that the worker is given, and again whenever it is another.
struct Keeper::Passed {
  Passed(const asio::any_io_executor& executor, PassedFile passed, control::Message (*made_as)(bool present))
      : file(std::move(passed)), message(made_as), events(executor) {}

  PassedFile file;
  control::Message (*message)(bool present);
  asio::posix::stream_descriptor events;  ///< a duplicate of the file's watch; closed when nobody passes it any more
  bool due = true;                        ///< not passed to this worker yet, or known to have changed since
};

Keeper::Keeper(asio::any_io_executor executor, WorkerPlan plan, Presence presence, Hooks hooks, const Past& past)
    : executor_(std::move(executor)),
      plan_(std::move(plan)),
      presence_(presence),
      hooks_(std::move(hooks)),
      pause_(executor_),
      past_(past) {
  set_files();
}

Keeper::~Keeper() {
  for (const auto& passed : files_) passed->events.close();
}

void Keeper::set_files() {
  for (const auto& passed : files_) passed->events.close();
  files_.clear();
  add_keytab("keytab", plan_.keytab, [](bool present) -> control::Message { return control::Keytab{present}; });
  add_keytab("client keytab", plan_.client_keytab,
             [](bool present) -> control::Message { return control::ClientKeytab{present}; });
  if (plan_.users)
    add_file(PassedFile{"users file", *plan_.users},
             [](bool present) -> control::Message { return control::Users{present}; });
}

void Keeper::add_keytab(const char* what, const std::optional<KeyFile>& keys,
                        control::Message (*message)(bool present)) {
  if (keys) add_file(PassedFile{what, keys->path, keys->principals}, message);
}

void Keeper::add_file(PassedFile file, control::Message (*message)(bool present)) {
  const auto& passed = files_.emplace_back(std::make_shared<Passed>(executor_, std::move(file), message));
  if (passed->file.watch() < 0) return;
  passed->events.assign(::fcntl(passed->file.watch(), F_DUPFD_CLOEXEC, 0));
  asio::co_spawn(executor_, watch(*this, passed), asio::detached);
}

// The keeper is there as long as the descriptor is open: it closes all of them before it goes.
asio::awaitable<void> Keeper::watch(Keeper& keeper, std::shared_ptr<Passed> passed) {
  while (true) {
    const auto [error] = co_await passed->events.async_wait(kReadable, no_throw);
    if (error || !passed->events.is_open()) co_return;
    if (!passed->file.drain_watch()) continue;
    passed->due = true;
    keeper.flush();
  }
}

void Keeper::change_plan(WorkerPlan plan) {
  const bool same_files =
      plan.keytab == plan_.keytab && plan.client_keytab == plan_.client_keytab && plan.users == plan_.users;
  plan_ = std::move(plan);
  if (!same_files) set_files();
  if (current_ != nullptr) current_->granted = false;
  flush();
}

// Whether nobody needs a worker now.
bool Keeper::is_done() const { return stopping_ || (presence_ == Presence::on_demand && waiting_.empty()); }

asio::awaitable<void> Keeper::run() {
  while (!is_done()) {
    pause_.expires_at(past_.rested);
    co_await pause_.async_wait(no_throw);
    if (is_done()) break;
    const auto started = Clock::now();
    try {
      co_await live();
    } catch (const std::system_error& error) {
      spdlog::error("no worker of {} could be started: {}", plan_.grant.identity, error.what());
    }
    const auto ended = Clock::now();
    if (ended - started >= kGrownUp) past_.pause = {};
    past_.rested = ended + past_.pause;
    past_.pause = std::clamp(2 * past_.pause, kFirstPause, kLongestPause);
  }
}

asio::awaitable<void> Keeper::live() {
  Current current{executor_, spawn_worker(plan_.program, plan_.arguments, plan_.environment)};
  current_ = &current;
  for (const auto& passed : files_) passed->due = true;
  spdlog::debug("worker {} of {} started", current.child.pid, plan_.grant.identity);
  expect_life(current);
  co_await listen(current);
  current_ = nullptr;
  co_await await_end(current);
  const auto end = reap(current.child);
  if (stopping_ || current.dismissed) {
    spdlog::debug("worker {} of {} ended: {}", current.child.pid, plan_.grant.identity, end);
    co_return;
  }
  ++past_.deaths;
  spdlog::error("worker {} of {} died: {}; its contexts are lost", current.child.pid, plan_.grant.identity, end);
}

// Until the worker's end of the pair is closed, as it is at the latest when the process ends.
asio::awaitable<void> Keeper::listen(Current& current) {
  for (int in_a_turn = 0;; ++in_a_turn) {
    if (in_a_turn == kMostInATurn) {
      in_a_turn = 0;
      co_await asio::post(executor_, asio::use_awaitable);
    }
    const auto received = control::receive(current.control.native_handle());
    if (std::holds_alternative<control::Closed>(received)) co_return;
    if (std::holds_alternative<control::Nothing>(received)) {
      const auto [error] = co_await current.control.async_wait(kReadable, no_throw);
      if (error) co_return;
      continue;
    }
    const auto* message = std::get_if<control::Received>(&received);
    if (message != nullptr && heed(current, message->message)) continue;
    spdlog::error("worker {} of {} broke the control protocol and is killed", current.child.pid, plan_.grant.identity);
    ::kill(current.child.pid, SIGKILL);
    co_return;
  }
}

// Begins anew with every sign of life. A worker that hangs would hold its clients up for ever.
void Keeper::expect_life(Current& current) {
  current.silence.expires_after(plan_.patience);
  current.silence.async_wait([this, &current](const boost::system::error_code& error) {
    if (error || current_ != &current) return;
    spdlog::error("worker {} of {} hangs and is killed", current.child.pid, plan_.grant.identity);
    ::kill(current.child.pid, SIGKILL);
  });
}

// False: a worker does not say this, or not now.
bool Keeper::heed(Current& current, const control::Message& message) {
  expect_life(current);
  if (std::holds_alternative<control::Alive>(message)) return current.ready;
  if (const auto* idle = std::get_if<control::Idle>(&message)) {
    // Connections that it has not seen yet would be lost.
    const bool is_needed = idle->connections != current.connections || !waiting_.empty();
    if (presence_ == Presence::always || is_needed) return current.ready;
    current.dismissed = true;
    ::shutdown(current.control.native_handle(), SHUT_RDWR);
    return true;
  }
  if (const auto* turned_away = std::get_if<control::TurnedAway>(&message)) {
    if (!current.ready) return false;
    // The supervisor knows the rules; a worker says only which of two, so that nobody can make others up.
    hooks_.turned_away(plan_.grant.rule_of_turned_away(turned_away->by_quota), turned_away->connections);
    return true;
  }
  if (!std::holds_alternative<control::Ready>(message) || current.ready) return false;
  spdlog::info("worker {} of {} is ready", current.child.pid, plan_.grant.identity);
  current.ready = true;
  flush();
  hooks_.ready();
  return true;
}

asio::awaitable<void> Keeper::await_end(Current& current) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer grace{executor_, kStopGrace};
  const auto first = co_await (current.process.async_wait(kReadable, no_throw) || grace.async_wait(no_throw));
  if (first.index() == 0) co_return;
  spdlog::warn("worker {} of {} does not end and is killed", current.child.pid, plan_.grant.identity);
  ::kill(current.child.pid, SIGKILL);
  co_await current.process.async_wait(kReadable, no_throw);
}

std::optional<std::string> Keeper::hand_over(const Peer& peer, proto::Descriptor socket) {
  if (stopping_) {
    refuse(socket.get(), proto::Refusal::shutting_down);
    return std::nullopt;
  }
  if (waiting_.size() >= kMaxWaiting) {
    refuse(socket.get(), proto::Refusal::too_many);
    return "at most " + std::to_string(kMaxWaiting) + " waiting connections";
  }
  waiting_.push_back({peer, std::move(socket)});
  flush();
  return std::nullopt;
}

// What is allowed goes first, then the files: a connection never meets a worker that lacks them.
void Keeper::flush() {
  if (current_ == nullptr || !current_->ready || current_->awaits_room || current_->dismissed) return;
  Current& current = *current_;
  for (const auto& passed : files_)
    if ((passed->due || passed->file.changed()) && !pass_file(current, *passed)) return;
  if (!current.granted && !pass_grant(current)) return;
  while (!waiting_.empty()) {
    const Waiting& first = waiting_.front();
    if (!pass(current, control::Connection{first.peer}, first.socket.get())) return;
    ++current.connections;
    waiting_.pop_front();
  }
}

// After the keytab: which keys were left out of it is told here.
bool Keeper::pass_grant(Current& current) {
  Grant grant = plan_.grant;
  for (const auto& passed : files_)
    grant.withheld.insert(grant.withheld.end(), passed->file.withheld().begin(), passed->file.withheld().end());
  const auto text = sealed_copy(encode(grant));
  current.granted = text && pass(current, control::Grant{}, text.get());
  return current.granted;
}

bool Keeper::pass_file(Current& current, Passed& passed) {
  const auto copy = passed.file.copy();
  passed.due = !pass(current, passed.message(static_cast<bool>(copy)), copy.get());
  if (passed.due) return false;
  current.granted = false;
  spdlog::info("{} {} passed on to {}: {}", passed.file.what(), passed.file.path(), plan_.grant.identity,
               copy ? "present" : "none");
  return true;
}

// False: not now. What is to be passed stays where it is; flush() comes again, for this worker or the next.
bool Keeper::pass(Current& current, const control::Message& message, int descriptor) {
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

void Keeper::await_room(Current& current) {
  current.awaits_room = true;
  current.control.async_wait(kWritable, [this, &current](const boost::system::error_code& error) {
    if (error || current_ != &current) return;
    current.awaits_room = false;
    flush();
  });
}

void Keeper::stop() {
  stopping_ = true;
  for (const Waiting& connection : waiting_) refuse(connection.socket.get(), proto::Refusal::shutting_down);
  waiting_.clear();
  pause_.cancel();
  // The worker ends when the pair is cut.
  if (current_ != nullptr) ::shutdown(current_->control.native_handle(), SHUT_RDWR);
}

pid_t Keeper::pid() const { return current_ == nullptr ? -1 : current_->child.pid; }

WorkerStatus Keeper::status() const {
  WorkerStatus status{.identity = plan_.grant.identity, .restarts = past_.deaths, .waiting = waiting_.size()};
  if (plan_.keytab) status.keytabs.push_back(plan_.keytab->path);
  if (plan_.client_keytab) status.keytabs.push_back(plan_.client_keytab->path);
  if (current_ == nullptr) return status;
  status.pid = current_->child.pid;
  status.since = current_->since;
  status.state = !current_->ready ? "starting" : current_->awaits_room ? "busy" : "ready";
  return status;
}

bool Keeper::is_ready() const { return current_ != nullptr && current_->ready && !current_->dismissed; }

bool Keeper::report_to(int pipe) {
  return is_ready() && control::send(current_->control.native_handle(), control::Report{}, pipe) == control::Sent::done;
}

}  // namespace sspid::supervisor
