#include "client-lib/session.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <time.h>

#include "client-lib/embedded.h"
#include "proto/limits.h"

namespace sspi {

namespace {

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

// As Connection::open().
std::unique_ptr<Connection> connect(const std::string& path, Pace pace, Start start, int& error) {
  if (path != kEmbedded) return Connection::open(path, pace, error);
  proto::Descriptor socket = connect_embedded(pace, start, error);
  return socket ? std::make_unique<Connection>(std::move(socket)) : nullptr;
}

SECURITY_STATUS not_served(proto::Refusal refusal) {
  return failed(SEC_E_NOT_OWNER, refusal == proto::Refusal::too_many ? "sspid refuses: too many connections"
                                                                     : "sspid's policy does not serve this process");
}

}  // namespace

Lease::~Lease() {
  if (connection_ != nullptr) session_->give_back(connection_);
}

// ---- Opening a session

Opening::Opening() : deadline_(Clock::now() + choose_daemon().patience), pause_(kFirstPause) {}

std::optional<SECURITY_STATUS> Opening::advance(Pace pace, std::shared_ptr<Session>& session, Wait& wait) {
  for (;;) {
    if (!connection_ && dial(pace)) connection_->greet(nullptr);
    if (!choice_.mistake.empty()) return failed(SEC_E_INTERNAL_ERROR, choice_.mistake);
    if (connection_) {
      std::optional<Greeting> greeting = connection_->greeting(pace);
      if (!greeting) {
        wait = {.what = Wait::For::readable, .socket = connection_->socket()};
        return std::nullopt;
      }
      error_ = 0;
      if (const auto ended = judge(std::move(*greeting), session)) return ended;
      connection_.reset();
      if (error_ == 0) continue;
    }
    const milliseconds pause = std::exchange(pause_, std::min(2 * pause_, kLongestPause));
    if (!may_pass() || Clock::now() + pause > deadline_) return unreachable();
    if (pace == Pace::nonblocking) {
      wait = {.what = Wait::For::time, .pause = pause};
      return std::nullopt;
    }
    pause_for(pause);
  }
}

bool Opening::dial(Pace pace) {
  choice_ = choose_daemon();  // each time: somebody may have named another meanwhile
  for (const std::string& path : choice_.paths) {
    connection_ = connect(path, pace, Start::if_needed, error_);
    path_ = path;
    // One that is only down must come back: another one has another policy (E-142).
    if (error_ != ENOENT || !is_absent(path)) break;
  }
  return connection_ != nullptr;
}

// Whether a daemon that is starting may soon make an end of the error. One of the program's own that cannot be started,
// or ends at once, would do so again.
bool Opening::may_pass() const {
  if (path_ == kEmbedded) return error_ == ECONNREFUSED || error_ == EAGAIN;
  return error_ == ENOENT || error_ == ECONNREFUSED || error_ == ECONNRESET || error_ == EAGAIN || error_ == EPIPE;
}

// Nothing: try again, at once where there is no `error_`.
std::optional<SECURITY_STATUS> Opening::judge(Greeting greeting, std::shared_ptr<Session>& session) {
  switch (greeting.kind) {
    case Greeting::Kind::welcome:
      session = std::make_shared<Session>(path_, std::move(connection_), std::move(greeting));
      Session::adopt(session);
      return SEC_E_OK;
    case Greeting::Kind::closed:
      // Nothing was executed: once more, unseen by the caller (E-189).
      if (++closed_ > 1) error_ = ECONNRESET;
      return std::nullopt;
    case Greeting::Kind::refused:
      if (greeting.refusal != proto::Refusal::shutting_down) return not_served(greeting.refusal);
      error_ = ECONNREFUSED;
      return std::nullopt;
    case Greeting::Kind::rejected:
      return failed(SEC_E_INTERNAL_ERROR, "sspid opens no session: " + greeting.text);
    case Greeting::Kind::fault:
      break;
  }
  return failed(SEC_E_INTERNAL_ERROR, "what listens at " + path_ + " does not speak sspid's protocol");
}

SECURITY_STATUS Opening::unreachable() const {
  if (path_ == kEmbedded)
    return failed(SEC_E_INTERNAL_ERROR,
                  "there is no sspid of this program's own, " + embedded_program() + ": " + std::strerror(error_));
  if (error_ == EPERM)
    return failed(SEC_E_INTERNAL_ERROR, "who listens at " + path_ + " is neither root nor this user");
  return failed(SEC_E_INTERNAL_ERROR, "sspid does not answer at " + path_ + ": " + std::strerror(error_));
}

// ---- Borrowing a connection

Borrowing::Borrowing(Session& session, Bell* bell)
    : session_(session), bell_(bell), generation_(process_generation()) {}

Borrowing::~Borrowing() {
  if (was_queued_ || joining_) session_.leave(*this);
}

Borrowing::State Borrowing::advance(Pace pace, Wait& wait) {
  for (;;) {
    switch (joining_ ? Next::join : session_.lend(*this)) {
      case Next::lent:
        return State::lent;
      case Next::gone:
        return State::gone;
      case Next::queued:
        if (pace == Pace::nonblocking) {
          wait = {.what = Wait::For::bell};
          return State::waits;
        }
        left_queue_.wait(false);
        break;
      case Next::join:
        switch (join(pace, wait)) {
          case Joined::yes:
            return State::lent;
          case Joined::waits:
            return State::waits;
          case Joined::refused:
            if (session_.is_out_of_reach_without(*this)) return State::gone;
        }
    }
  }
}

Borrowing::Joined Borrowing::join(Pace pace, Wait& wait) {
  // A connection that is closed before the answer to Hello has executed nothing: once more (E-189).
  for (; attempt_ < 2; ++attempt_) {
    if (!newcomer_) {
      int error = 0;
      newcomer_ = connect(session_.path_, pace, Start::never, error);
      if (!newcomer_ && error == EAGAIN && pace == Pace::nonblocking) {
        wait = {.what = Wait::For::time, .pause = kFirstPause};
        return Joined::waits;
      }
      if (!newcomer_) break;
      newcomer_->greet(&session_.key_);
    }
    const std::optional<Greeting> greeting = newcomer_->greeting(pace);
    if (!greeting) {
      wait = {.what = Wait::For::readable, .socket = newcomer_->socket()};
      return Joined::waits;
    }
    if (greeting->kind == Greeting::Kind::welcome) {
      session_.take_in(*this, std::move(newcomer_));
      return Joined::yes;
    }
    newcomer_.reset();
    if (greeting->kind != Greeting::Kind::closed) break;
  }
  return Joined::refused;
}

// ---- Asking

std::optional<Exchange> Asking::advance(const Request& request, std::span<const iovec> places, Pace pace,
                                        Answer& answer, Wait& wait) {
  for (;;) {
    if (!lease_) {
      if (!borrowing_) borrowing_.emplace(session_, bell_);
      const Borrowing::State state = borrowing_->advance(pace, wait);
      if (state == Borrowing::State::waits) return std::nullopt;
      if (state == Borrowing::State::gone) return Exchange::gone;
      lease_ = borrowing_->take();
      borrowing_.reset();
      lease_->begin(request, places);
    }
    const Sent sent = lease_->advance(pace, answer.reply);
    if (sent == Sent::until_readable || sent == Sent::until_writable) {
      wait = {.what = sent == Sent::until_readable ? Wait::For::readable : Wait::For::writable,
              .socket = lease_->socket()};
      return std::nullopt;
    }
    Lease used = std::move(lease_);
    if (sent == Sent::answered) {
      if (!proto::is_one_way(request.opcode)) answer.lease = std::move(used);
      return Exchange::done;
    }
    used = Lease{};
    if (session_.has_ended()) return sent == Sent::not_sent ? Exchange::gone : Exchange::lost;
    // Each turn that finds a dead connection has one less; new ones that die at once mean a broken daemon.
    if (sent == Sent::broken || ++turns_ == proto::kMaxConnectionsPerSession) return Exchange::lost;
  }
}

// A forked child may share the socket and so keep it open. Then the daemon learns when that has closed it, too.
void Asking::give_up() {
  if (lease_) lease_->mark_dead();
  lease_ = Lease{};
  borrowing_.reset();
}

// ---- The session

Session::Session(std::string path, std::unique_ptr<Connection> anchor, Greeting greeting)
    : path_(std::move(path)),
      key_(greeting.session),
      default_cache_(std::move(greeting.default_cache)),
      default_realm_(std::move(greeting.default_realm)),
      anchor_(std::move(anchor)),
      generation_(process_generation()) {}

SECURITY_STATUS Session::current(std::shared_ptr<Session>& session) {
  session = existing();
  if (session) return SEC_E_OK;
  Wait none;
  return *Opening().advance(Pace::blocking, session, none);
}

std::shared_ptr<Session> Session::existing() {
  const std::lock_guard lock(locks().sessions);
  const auto& session = current_session();
  return session && !session->ended_ ? session : nullptr;
}

// Another call may have been faster; then its session serves all and this one ends here, empty.
void Session::adopt(std::shared_ptr<Session>& session) {
  std::shared_ptr<Session> surplus;  // closed after the lock is free
  const std::lock_guard lock(locks().sessions);
  std::shared_ptr<Session>& current = current_session();
  if (current && !current->ended_) {
    surplus = std::exchange(session, current);
  } else {
    surplus = std::exchange(current, session);
  }
}

void Session::abandon(const std::shared_ptr<Session>& session) {
  std::shared_ptr<Session> dropped;  // its connections are closed after the lock is free
  const std::lock_guard lock(locks().sessions);
  if (current_session() == session) dropped.swap(current_session());
}

Exchange Session::transact(const Request& request, std::span<const iovec> places, Answer& answer) {
  Wait none;
  return *Asking(*this).advance(request, places, Pace::blocking, answer, none);
}

bool Session::may_join() const {
  if (1 + idle_.size() + lent_.size() + joining_ >= proto::kMaxConnectionsPerSession) return false;
  return !join_refused_ || (idle_.empty() && lent_.empty() && joining_ == 0);
}

bool Session::may_have_one(const Borrowing& borrower) const {
  return !borrower.asynchronous() || asynchronous_ < kMostAsynchronous;
}

Connection* Session::lend_idle(const Borrowing& borrower) {
  lent_.push_back({std::move(idle_.back()), borrower.asynchronous()});
  idle_.pop_back();
  if (borrower.asynchronous()) ++asynchronous_;
  return lent_.back().connection.get();
}

Borrowing::Next Session::lend(Borrowing& borrower) {
  const std::lock_guard lock(locks().sessions);
  notice_fork();
  if (ended_) return Borrowing::Next::gone;
  if (borrower.queued_) return Borrowing::Next::queued;
  Connection* connection = std::exchange(borrower.handed_over_, nullptr);
  if (connection == nullptr && !idle_.empty() && may_have_one(borrower)) connection = lend_idle(borrower);
  if (connection != nullptr) {
    borrower.lease_ = {shared_from_this(), connection};
    return Borrowing::Next::lent;
  }
  if (may_join() && may_have_one(borrower)) {
    ++joining_;
    if (borrower.asynchronous()) ++asynchronous_;
    borrower.joining_ = true;
    borrower.attempt_ = 0;
    return Borrowing::Next::join;
  }
  // All are with asynchronous calls, which this thread may have to carry on.
  if (!borrower.asynchronous() && asynchronous_ == lent_.size() + joining_) return Borrowing::Next::gone;
  queue_.push_back(&borrower);
  borrower.was_queued_ = borrower.queued_ = true;
  borrower.left_queue_ = false;
  return Borrowing::Next::queued;
}

void Session::take_in(Borrowing& borrower, std::unique_ptr<Connection> newcomer) {
  const std::lock_guard lock(locks().sessions);
  const std::size_t all = idle_.size() + lent_.size() + 1;
  lent_.reserve(all);  // lending and returning then never allocate, so that returning cannot fail
  idle_.reserve(all);
  borrower.lease_ = {shared_from_this(), newcomer.get()};
  lent_.push_back({std::move(newcomer), borrower.asynchronous()});
  if (borrower.asynchronous()) ++asynchronous_;
  end_joining(borrower);
  serve_queue();
}

void Session::end_joining(Borrowing& borrower) {
  borrower.joining_ = false;
  --joining_;
  if (borrower.asynchronous()) --asynchronous_;
}

// Where joining is refused the session goes on with the connections it has, if any.
bool Session::is_out_of_reach_without(Borrowing& borrower) {
  if (has_ended()) return true;
  const std::lock_guard lock(locks().sessions);
  join_refused_ = true;
  end_joining(borrower);
  if (!idle_.empty() || !lent_.empty() || joining_ != 0) return false;
  serve_queue();
  return true;
}

void Session::leave(Borrowing& borrower) {
  Lease unused;  // returned after the lock is free
  const std::lock_guard lock(locks().sessions);
  std::erase(queue_, &borrower);
  if (borrower.generation_ != process_generation()) return;  // a child has a copy of what its parent borrows
  if (borrower.handed_over_ != nullptr) unused = {shared_from_this(), borrower.handed_over_};
  if (!borrower.joining_) return;
  end_joining(borrower);
  serve_queue();
}

void Session::give_back(Connection* connection) {
  std::unique_ptr<Connection> closing;  // after the lock is free
  const std::lock_guard lock(locks().sessions);
  const auto lent =
      std::find_if(lent_.begin(), lent_.end(), [&](const Lent& each) { return each.connection.get() == connection; });
  if (lent == lent_.end()) return;
  connection->tidy();
  if (lent->asynchronously) --asynchronous_;
  std::unique_ptr<Connection> returned = std::move(lent->connection);
  *lent = std::move(lent_.back());
  lent_.pop_back();
  if (!ended_ && !discarded_.empty()) delete_discarded(*returned);
  // Where no further connection can be had none is closed.
  const bool enough = idle_.size() >= kMostIdle && queue_.empty() && !join_refused_;
  if (returned->dead() || ended_ || enough)
    closing = std::move(returned);
  else
    idle_.push_back(std::move(returned));
  serve_queue();
}

// Who blocks comes first: it waits for others of its kind only, so what they return must not go to who does not.
Borrowing* Session::next_in_queue() const {
  const auto blocking =
      std::find_if(queue_.begin(), queue_.end(), [](const Borrowing* each) { return !each->asynchronous(); });
  if (blocking != queue_.end()) return *blocking;
  return !queue_.empty() && may_have_one(*queue_.front()) ? queue_.front() : nullptr;
}

// What is idle goes to who waits longest. Who can join is sent to do that; when it has, the next one is.
void Session::serve_queue() {
  Borrowing* next = nullptr;
  while (!idle_.empty() && (next = next_in_queue()) != nullptr) {
    next->handed_over_ = lend_idle(*next);
    send_away(*next);
  }
  if (may_join() && (next = next_in_queue()) != nullptr) send_away(*next);
}

void Session::end_queue() {
  while (!queue_.empty()) send_away(*queue_.front());
}

void Session::send_away(Borrowing& borrower) {
  std::erase(queue_, &borrower);
  borrower.queued_ = false;
  if (borrower.asynchronous()) {
    borrower.bell_->ring();
    return;
  }
  borrower.left_queue_ = true;
  borrower.left_queue_.notify_one();
}

void Session::notice_fork() {
  const std::uint32_t self = process_generation();
  if (generation_ == self) return;
  generation_ = self;
  // The parent goes on using these sockets; here only our descriptors of them are closed. The calls that had borrowed
  // some, or waited for one, are the parent's.
  idle_.clear();
  lent_.clear();
  queue_.clear();
  discarded_.clear();
  joining_ = 0;
  asynchronous_ = 0;
  join_refused_ = false;
}

void Session::discard(proto::Opcode deleter, const proto::Handle& id) noexcept {
  std::vector<std::unique_ptr<Connection>> closing;
  try {
    const std::lock_guard lock(locks().sessions);
    notice_fork();
    if (ended_) return;
    discarded_.push_back({deleter, id});
    while (!discarded_.empty() && !idle_.empty()) {
      delete_discarded(*idle_.back());
      if (!idle_.back()->dead()) continue;
      closing.push_back(std::move(idle_.back()));
      idle_.pop_back();
    }
  } catch (const std::bad_alloc&) {
    // It ends with its session, then.
  }
}

// A connection that was idle has room for these few bytes. One that has not is in no order.
void Session::delete_discarded(Connection& connection) noexcept {
  while (!discarded_.empty() && !connection.dead()) {
    TableBuilder builder;
    const Discarded& object = discarded_.back();
    connection.begin({.opcode = object.deleter, .table = encode_deletion(builder, object.deleter, object.id)}, {});
    Reply none;
    if (connection.advance(Pace::nonblocking, none) == Sent::answered)
      discarded_.pop_back();
    else
      connection.mark_dead();
  }
}

bool Session::has_ended() {
  std::vector<std::unique_ptr<Connection>> closing;
  const std::lock_guard lock(locks().sessions);
  if (!ended_ && !anchor_->hung_up()) return false;
  ended_ = true;
  closing.swap(idle_);
  end_queue();
  return true;
}

std::span<const std::byte> encode_deletion(TableBuilder& builder, proto::Opcode deleter, const proto::Handle& id) {
  if (deleter == proto::Opcode::FreeCredentialsHandle)
    return builder.finish(proto::CreateFreeCredentialsHandleRequest(builder, &id));
  return builder.finish(proto::CreateDeleteSecurityContextRequest(builder, &id));
}

}  // namespace sspi
