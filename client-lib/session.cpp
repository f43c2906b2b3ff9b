#include "client-lib/session.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <time.h>

#include "client-lib/endpoint.h"
#include "proto/limits.h"

namespace sspi {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// More idle connections than this are closed: a burst of threads must not keep descriptors for ever.
constexpr std::size_t kMostIdle = 8;

constexpr milliseconds kFirstPause{5};
constexpr milliseconds kLongestPause{200};

// The session of this process, guarded by locks().sessions. Never destroyed: other threads may still call at exit.
std::shared_ptr<Session>& current_session() {
  static auto& session = *new std::shared_ptr<Session>;
  return session;
}

void pause_for(milliseconds time) {
  const timespec wanted{.tv_sec = time.count() / 1000, .tv_nsec = (time.count() % 1000) * 1'000'000};
  nanosleep(&wanted, nullptr);
}

// Whether a daemon that is starting may soon make an end of this error.
bool may_pass(int error) {
  return error == ENOENT || error == ECONNREFUSED || error == ECONNRESET || error == EAGAIN || error == EPIPE;
}

struct Dialled {
  std::unique_ptr<Connection> connection;
  std::string path;
  int error = 0;
};

Dialled dial() {
  Dialled dialled;
  for (std::string& path : endpoints()) {
    dialled.connection = Connection::open(path, dialled.error);
    dialled.path = std::move(path);
    if (dialled.error != ENOENT) break;
  }
  return dialled;
}

SECURITY_STATUS unreachable(const Dialled& dialled) {
  if (dialled.error == EPERM)
    return failed(SEC_E_INTERNAL_ERROR, "who listens at " + dialled.path + " is neither root nor this user");
  return failed(SEC_E_INTERNAL_ERROR, "sspid does not answer at " + dialled.path + ": " + std::strerror(dialled.error));
}

SECURITY_STATUS not_served(proto::Refusal refusal) {
  return failed(SEC_E_NOT_OWNER, refusal == proto::Refusal::too_many ? "sspid refuses: too many connections"
                                                                     : "sspid's policy does not serve this process");
}

SECURITY_STATUS open_session(std::shared_ptr<Session>& session) {
  const Clock::time_point deadline = Clock::now() + connect_timeout();
  milliseconds pause = kFirstPause;
  for (int closed = 0;;) {
    Dialled dialled = dial();
    if (dialled.connection) {
      Greeting greeting = dialled.connection->greet(nullptr);
      switch (greeting.kind) {
        case Greeting::Kind::welcome:
          session = std::make_shared<Session>(dialled.path, std::move(dialled.connection), std::move(greeting));
          return SEC_E_OK;
        case Greeting::Kind::closed:
          // Nothing was executed: once more, unseen by the caller (E-189).
          if (++closed == 1) continue;
          dialled.error = ECONNRESET;
          break;
        case Greeting::Kind::refused:
          if (greeting.refusal != proto::Refusal::shutting_down) return not_served(greeting.refusal);
          dialled.error = ECONNREFUSED;
          break;
        case Greeting::Kind::rejected:
          return failed(SEC_E_INTERNAL_ERROR, "sspid opens no session: " + greeting.text);
        case Greeting::Kind::fault:
          return failed(SEC_E_INTERNAL_ERROR, "what listens at " + dialled.path + " does not speak sspid's protocol");
      }
    }
    if (!may_pass(dialled.error) || Clock::now() + pause > deadline) return unreachable(dialled);
    pause_for(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
}

}  // namespace

Lease::~Lease() {
  if (connection_ != nullptr) session_->give_back(connection_);
}

Session::Session(std::string path, std::unique_ptr<Connection> anchor, Greeting greeting)
    : path_(std::move(path)),
      key_(greeting.session),
      default_cache_(std::move(greeting.default_cache)),
      anchor_(std::move(anchor)),
      generation_(process_generation()) {}

SECURITY_STATUS Session::current(std::shared_ptr<Session>& session) {
  {
    const std::lock_guard lock(locks().sessions);
    session = current_session();
    if (session && !session->ended_) return SEC_E_OK;
  }
  if (const SECURITY_STATUS status = open_session(session); status != SEC_E_OK) return status;

  // Another thread may have been faster; then its session serves all and this one ends here, empty.
  const std::lock_guard lock(locks().sessions);
  if (current_session() && !current_session()->ended_)
    session = current_session();
  else
    current_session() = session;
  return SEC_E_OK;
}

void Session::abandon(const std::shared_ptr<Session>& session) {
  std::shared_ptr<Session> dropped;  // its connections are closed after the lock is free
  const std::lock_guard lock(locks().sessions);
  if (current_session() == session) dropped.swap(current_session());
}

template <class Use>
Exchange Session::with_connection(Use&& use) {
  // Each turn that finds a dead connection has one less; new ones that die at once mean a broken daemon.
  for (std::size_t turn = 0; turn < proto::kMaxConnectionsPerSession; ++turn) {
    Lease lease = borrow();
    if (!lease) return Exchange::gone;
    const Sent sent = use(lease);
    if (sent == Sent::answered) return Exchange::done;
    lease = Lease{};
    if (has_ended()) return sent == Sent::not_sent ? Exchange::gone : Exchange::lost;
    if (sent == Sent::broken) return Exchange::lost;
  }
  return Exchange::lost;
}

Exchange Session::transact(const Request& request, std::span<const iovec> places, Answer& answer) {
  return with_connection([&](Lease& lease) {
    const Sent sent = lease->transact(request, places, answer.reply);
    if (sent == Sent::answered) answer.lease = std::move(lease);
    return sent;
  });
}

Exchange Session::post(const Request& request) {
  return with_connection([&](Lease& lease) { return lease->post(request); });
}

Lease Session::borrow() {
  for (;;) {
    std::uint32_t seen;
    bool may_join;
    {
      const std::lock_guard lock(locks().sessions);
      notice_fork();
      if (ended_) return {};
      if (!idle_.empty()) {
        lent_.push_back(std::move(idle_.back()));
        idle_.pop_back();
        return {shared_from_this(), lent_.back().get()};
      }
      seen = returns_.load(std::memory_order_relaxed);
      may_join = !join_refused_ || lent_.empty();
    }
    if (!may_join) {
      returns_.wait(seen, std::memory_order_relaxed);
      continue;
    }
    switch (join()) {
      case Joined::yes:
        break;
      case Joined::ended:
        return {};
      case Joined::refused: {
        const std::lock_guard lock(locks().sessions);
        join_refused_ = true;
        if (idle_.empty() && lent_.empty()) return {};
      }
    }
  }
}

Session::Joined Session::join() {
  // A connection that is closed before the answer to Hello has executed nothing: once more (E-189).
  for (int attempt = 0; attempt < 2; ++attempt) {
    int error = 0;
    std::unique_ptr<Connection> connection = Connection::open(path_, error);
    if (!connection) break;
    const Greeting greeting = connection->greet(&key_);
    if (greeting.kind == Greeting::Kind::welcome) {
      const std::lock_guard lock(locks().sessions);
      const std::size_t all = idle_.size() + lent_.size() + 1;
      lent_.reserve(all);  // lending and returning then never allocate, so that returning cannot fail
      idle_.reserve(all);
      idle_.push_back(std::move(connection));
      return Joined::yes;
    }
    if (greeting.kind != Greeting::Kind::closed) break;
  }
  return has_ended() ? Joined::ended : Joined::refused;
}

void Session::give_back(Connection* connection) {
  std::unique_ptr<Connection> closing;  // after the lock is free
  {
    const std::lock_guard lock(locks().sessions);
    const auto lent =
        std::find_if(lent_.begin(), lent_.end(), [&](const auto& each) { return each.get() == connection; });
    if (lent == lent_.end()) return;
    connection->tidy();
    std::unique_ptr<Connection> returned = std::move(*lent);
    *lent = std::move(lent_.back());
    lent_.pop_back();
    // Where no further connection can be had none is closed.
    if (returned->dead() || ended_ || (idle_.size() >= kMostIdle && !join_refused_))
      closing = std::move(returned);
    else
      idle_.push_back(std::move(returned));
    returns_.fetch_add(1, std::memory_order_release);
  }
  returns_.notify_all();
}

void Session::notice_fork() {
  const std::uint32_t self = process_generation();
  if (generation_ == self) return;
  generation_ = self;
  // The parent goes on using these sockets; here only our descriptors of them are closed. The threads that had borrowed
  // some do not exist in this process.
  idle_.clear();
  lent_.clear();
  join_refused_ = false;
}

bool Session::has_ended() {
  std::vector<std::unique_ptr<Connection>> closing;
  bool noticed = false;
  {
    const std::lock_guard lock(locks().sessions);
    if (!ended_ && !anchor_->hung_up()) return false;
    noticed = !ended_;
    ended_ = true;
    closing.swap(idle_);
    if (noticed) returns_.fetch_add(1, std::memory_order_release);
  }
  if (noticed) returns_.notify_all();
  return true;
}

}  // namespace sspi
