// A session: what one client process (with its forked children) holds in the daemon. It is named by a secret key; it
// ends with its last connection, and with it all its handles.
//
// A session keeps one connection, the anchor, on which nothing is said after Hello: it lives as long as the process and
// is inherited over fork(). All other connections are lent to one call at a time and join the session by its key. A
// child never uses its parent's connections: at its first call it forgets them and joins with its own. Where a join is
// refused (the process has become another user since) the session goes on with the connections it has, and a call waits
// until one is returned.
//
// Every handle keeps its session alive. Any thread may call anything here.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client-lib/connection.h"
#include "client-lib/endpoint.h"
#include "client-lib/fork.h"
#include "client-lib/last_error.h"

namespace sspi {

class Session;

/// Connections that asynchronous calls may have at the same moment. The rest is for calls that block: a thread that did
/// so until an asynchronous call returns its connection might wait for itself.
inline constexpr std::size_t kMostAsynchronous = proto::kMaxConnectionsPerSession - 32;

/// A connection on loan. Returned when it goes; one that died meanwhile is closed instead.
class Lease {
 public:
  Lease() = default;
  Lease(std::shared_ptr<Session> session, Connection* connection)
      : session_(std::move(session)), connection_(connection) {}
  Lease(Lease&& other) noexcept
      : session_(std::move(other.session_)), connection_(std::exchange(other.connection_, nullptr)) {}
  Lease& operator=(Lease&& other) noexcept {
    std::swap(session_, other.session_);
    std::swap(connection_, other.connection_);
    return *this;
  }
  ~Lease();

  [[nodiscard]] explicit operator bool() const { return connection_ != nullptr; }
  Connection* operator->() const { return connection_; }

  /// In a child, for the copy of what its parent borrowed.
  void forget() { connection_ = nullptr; }

 private:
  std::shared_ptr<Session> session_;
  Connection* connection_ = nullptr;
};

/// What came of a call on a session.
enum class Exchange {
  done,  ///< the reply is here
  gone,  ///< the session has ended, or is out of reach for this process; nothing was executed
  lost,  ///< the outcome is unknown
};

/// The reply to a request, together with the connection in whose buffer it lies.
struct Answer {
  Lease lease;
  Reply reply;

  /// The verified table. Nothing when it is not what the call's reply must be: the connection then ends, since nothing
  /// on it can be trusted any more.
  template <class Table>
  [[nodiscard]] const Table* read() {
    flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(reply.table.data()), reply.table.size());
    if (verifier.VerifyBuffer<Table>(nullptr)) return flatbuffers::GetRoot<Table>(reply.table.data());
    lease->mark_dead();
    return nullptr;
  }
};

/// Getting a connection for one call: an idle one, a new one that joins the session, or the next that is returned.
class Borrowing {
 public:
  /// `bell` makes it an asynchronous call's, with Pace::nonblocking: rung when a connection was returned. The session
  /// outlives this.
  explicit Borrowing(Session& session, Bell* bell = nullptr);
  Borrowing(const Borrowing&) = delete;
  Borrowing& operator=(const Borrowing&) = delete;
  ~Borrowing();

  enum class State {
    lent,   ///< take() it
    gone,   ///< the session has ended, or is out of reach for this process
    waits,  ///< only for Pace::nonblocking: `wait` says what for
  };
  [[nodiscard]] State advance(Pace pace, Wait& wait);
  [[nodiscard]] Lease take() { return std::move(lease_); }

 private:
  friend class Session;

  enum class Next { lent, gone, join, queued };
  enum class Joined { yes, refused, waits };

  [[nodiscard]] bool asynchronous() const { return bell_ != nullptr; }

  [[nodiscard]] Joined join(Pace pace, Wait& wait);

  Session& session_;
  Bell* const bell_;
  const std::uint32_t generation_;
  Lease lease_;
  std::unique_ptr<Connection> newcomer_;
  int attempt_ = 0;
  bool joining_ = false;
  bool was_queued_ = false;

  // Guarded by locks().sessions.
  bool queued_ = false;
  Connection* handed_over_ = nullptr;

  std::atomic<bool> left_queue_{false};  // for a thread that blocks
};

/// One request and its answer on a session, whatever connection carries them.
class Asking {
 public:
  /// The session outlives this.
  explicit Asking(Session& session, Bell* bell = nullptr) : session_(session), bell_(bell) {}
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  ~Asking() { give_up(); }

  /// Nothing: it has to wait, for what `wait` says. `request` and `places` are the same each time.
  [[nodiscard]] std::optional<Exchange> advance(const Request& request, std::span<const iovec> places, Pace pace,
                                                Answer& answer, Wait& wait);

  /// What the daemon answers is never received: the connection is closed.
  void give_up();

  /// In a child, for the copy of what its parent asks.
  void forget() { lease_.forget(); }

 private:
  Session& session_;
  Bell* const bell_;
  std::optional<Borrowing> borrowing_;
  Lease lease_;
  std::size_t turns_ = 0;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::string path, std::unique_ptr<Connection> anchor, Greeting greeting);

  /// The session of this process, opened if there is none. Waits for the daemon for a bounded time.
  [[nodiscard]] static SECURITY_STATUS current(std::shared_ptr<Session>& session);

  /// The session of this process where there is one.
  [[nodiscard]] static std::shared_ptr<Session> existing();

  /// The next call of current() opens another one.
  static void abandon(const std::shared_ptr<Session>& session);

  /// Runs `exchange(session)` on the session of this process and, where that turns out to have ended, on a new one.
  template <class F>
  [[nodiscard]] static SECURITY_STATUS on_current(F&& exchange);

  [[nodiscard]] Exchange transact(const Request& request, std::span<const iovec> places, Answer& answer);

  /// Deletes an object of the daemon that nobody wants any more: at once where a connection is idle, else with the next
  /// that is returned. Never waits, never fails: what cannot be sent ends with the session.
  void discard(proto::Opcode deleter, const proto::Handle& id) noexcept;

  /// Whether the daemon has let go of it: none of its handles names anything any more.
  [[nodiscard]] bool has_ended();

  /// The ticket cache to use where the environment names none.
  [[nodiscard]] const std::string& default_cache() const { return default_cache_; }
  /// The realm of a principal without one.
  [[nodiscard]] const std::string& default_realm() const { return default_realm_; }

 private:
  friend class Lease;
  friend class Borrowing;
  friend class Opening;

  struct Lent {
    std::unique_ptr<Connection> connection;
    bool asynchronously;
  };

  struct Discarded {
    proto::Opcode deleter;
    proto::Handle id;
  };

  static void adopt(std::shared_ptr<Session>& session);
  [[nodiscard]] Borrowing::Next lend(Borrowing& borrower);
  void take_in(Borrowing& borrower, std::unique_ptr<Connection> newcomer);
  [[nodiscard]] bool is_out_of_reach_without(Borrowing& borrower);
  void leave(Borrowing& borrower);
  void give_back(Connection* connection);
  void delete_discarded(Connection& connection) noexcept;

  // For those who have locks().sessions.
  [[nodiscard]] bool may_join() const;
  void notice_fork();
  [[nodiscard]] Connection* lend_idle(const Borrowing& borrower);
  [[nodiscard]] bool may_have_one(const Borrowing& borrower) const;
  [[nodiscard]] Borrowing* next_in_queue() const;
  void end_joining(Borrowing& borrower);
  void serve_queue();
  void end_queue();
  void send_away(Borrowing& borrower);

  const std::string path_;
  const proto::SessionKey key_;
  const std::string default_cache_;
  const std::string default_realm_;

  // Everything below is guarded by locks().sessions.
  std::unique_ptr<Connection> anchor_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::vector<Lent> lent_;
  std::size_t joining_ = 0;           // connections that await the answer to their Hello
  std::size_t asynchronous_ = 0;      // of those and the lent ones: what asynchronous calls have
  std::deque<Borrowing*> queue_;      // who waits for one to be returned
  std::vector<Discarded> discarded_;  // what no connection was idle for
  std::uint32_t generation_;
  bool join_refused_ = false;
  bool ended_ = false;
};

/// Opening the session of this process. Tries again for a bounded time where the daemon may be about to come back.
class Opening {
 public:
  Opening();

  /// SEC_E_OK with `session`, or why there is none. Nothing: it has to wait, for what `wait` says.
  [[nodiscard]] std::optional<SECURITY_STATUS> advance(Pace pace, std::shared_ptr<Session>& session, Wait& wait);

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool dial(Pace pace);
  [[nodiscard]] std::optional<SECURITY_STATUS> judge(Greeting greeting, std::shared_ptr<Session>& session);
  [[nodiscard]] bool may_pass() const;
  [[nodiscard]] SECURITY_STATUS unreachable() const;

  Choice choice_;
  const Clock::time_point deadline_;
  std::chrono::milliseconds pause_;
  int closed_ = 0;
  std::string path_;
  std::unique_ptr<Connection> connection_;
  int error_ = 0;
};

/// The request by which an object of the daemon is deleted; a call that gets no answer.
[[nodiscard]] std::span<const std::byte> encode_deletion(TableBuilder& builder, proto::Opcode deleter,
                                                         const proto::Handle& id);

template <class F>
SECURITY_STATUS Session::on_current(F&& exchange) {
  // The session at hand may have ended unnoticed, and the daemon may be restarted once more meanwhile.
  for (int attempt = 0; attempt < 3; ++attempt) {
    std::shared_ptr<Session> session;
    if (const SECURITY_STATUS status = current(session); status != SEC_E_OK) return status;
    switch (exchange(session)) {
      case Exchange::done:
        return SEC_E_OK;
      case Exchange::lost:
        return failed(SEC_E_INTERNAL_ERROR, "the connection to sspid ended during the call");
      case Exchange::gone:
        abandon(session);
        break;
    }
  }
  return failed(SEC_E_INTERNAL_ERROR, "sspid ends every session at once");
}

}  // namespace sspi
