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
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "client-lib/connection.h"
#include "client-lib/fork.h"
#include "client-lib/last_error.h"

namespace sspi {

class Session;

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

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::string path, std::unique_ptr<Connection> anchor, Greeting greeting);

  /// The session of this process, opened if there is none. Waits for the daemon for a bounded time.
  [[nodiscard]] static SECURITY_STATUS current(std::shared_ptr<Session>& session);

  /// The next call of current() opens another one.
  static void abandon(const std::shared_ptr<Session>& session);

  /// Runs `exchange(session)` on the session of this process and, where that turns out to have ended, on a new one.
  template <class F>
  [[nodiscard]] static SECURITY_STATUS on_current(F&& exchange);

  [[nodiscard]] Exchange transact(const Request& request, std::span<const iovec> places, Answer& answer);
  [[nodiscard]] Exchange post(const Request& request);

  /// Whether the daemon has let go of it: none of its handles names anything any more.
  [[nodiscard]] bool has_ended();

  /// The ticket cache to use where the environment names none.
  [[nodiscard]] const std::string& default_cache() const { return default_cache_; }

 private:
  friend class Lease;

  enum class Joined { yes, refused, ended };

  [[nodiscard]] Lease borrow();
  [[nodiscard]] Joined join();
  void give_back(Connection* connection);
  void notice_fork();
  template <class Use>
  [[nodiscard]] Exchange with_connection(Use&& use);

  const std::string path_;
  const proto::SessionKey key_;
  const std::string default_cache_;

  // Everything below is guarded by locks().sessions.
  std::unique_ptr<Connection> anchor_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::vector<std::unique_ptr<Connection>> lent_;
  std::uint32_t generation_;
  bool join_refused_ = false;
  bool ended_ = false;
  std::atomic<std::uint32_t> returns_{0};  // counts what waiters wait for: a connection returned or lost
};

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
