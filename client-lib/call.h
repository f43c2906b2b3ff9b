// An SSPI call as an object: what it asks of the daemon, and what it makes of the answer. Its two forms, the one that
// blocks and the one that does not, differ in nothing but in who waits; so each call is written once, here, as the
// steps between the waits, and an Errand carries them out.
//
// The caller's memory that the arguments refer to must stay until the call has ended. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "client-lib/c_boundary.h"
#include "client-lib/exchange.h"
#include "client-lib/handles.h"

namespace sspi {

class Call {
 public:
  Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  virtual ~Call() = default;

  // The steps. One that may end the call says how; nothing: it goes on.

  /// First: checks what needs no turn, and finds what the handles name.
  [[nodiscard]] virtual std::optional<SECURITY_STATUS> find() = 0;

  /// Then, alone with the context if there is one: makes the question for this session. Called again, with another
  /// session, where the first turns out to have ended.
  [[nodiscard]] virtual std::optional<SECURITY_STATUS> begin(const std::shared_ptr<Session>& session) = 0;

  /// The answer is here. True: there is another question before the call is at its end, and begin() makes it.
  [[nodiscard]] virtual bool asks_again(Answer&) { return false; }

  /// Last: the answer is here. For a call that gets none: it was sent.
  [[nodiscard]] virtual SECURITY_STATUS finish(Answer& answer) = 0;

  /// The call has failed: nothing may be left that could be taken for a result.
  virtual void clear_outputs() {}

  /// The call is cancelled; the caller's memory may be gone. What must happen nevertheless.
  virtual void cancelled() {}

  /// Whether it goes on although an asynchronous call has the context.
  [[nodiscard]] virtual bool needs_turn() const { return true; }

  /// From find(). The context that the call must be alone with, if any; the session to ask, if it cannot be any.
  [[nodiscard]] const std::shared_ptr<Context>& context() const { return context_; }
  [[nodiscard]] const std::shared_ptr<Session>& session() const { return session_; }

  /// From begin(), until finish().
  [[nodiscard]] const Request& request() const { return request_; }
  [[nodiscard]] std::span<const iovec> places() const { return places_; }

 protected:
  /// find() for a call on one context: SEC_E_INVALID_HANDLE, or the context and its session.
  [[nodiscard]] std::optional<SECURITY_STATUS> find_context_of(const SecHandle* handle);

  /// The end of begin(): what to ask, in memory that stays until finish().
  std::optional<SECURITY_STATUS> ask(const Request& request, std::span<const iovec> places = {}) {
    request_ = request;
    places_ = places;
    return std::nullopt;
  }

  std::shared_ptr<Context> context_;
  std::shared_ptr<Session> session_;

 private:
  Request request_;
  std::span<const iovec> places_;
};

/// A call on its way: finds its objects, waits for its turn, for a session, for a connection and for the answer.
class Errand {
 public:
  /// The call, and the bell where there is one, outlive it.
  explicit Errand(Call& call, Bell* bell = nullptr);
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;

  /// How the call ended. Nothing: it has to wait, for what `wait` says; only with Pace::nonblocking.
  [[nodiscard]] std::optional<SECURITY_STATUS> advance(Pace pace, Wait& wait);

  /// Gives the call up. Nothing but destroying this may follow.
  void cancel();

  /// In a child, for the copy of a call of its parent. Likewise.
  void forget();

 private:
  enum class Stage { finding, turn, session, asking, ended };

  [[nodiscard]] std::optional<SECURITY_STATUS> step(Pace pace, Wait& wait);
  [[nodiscard]] std::optional<SECURITY_STATUS> find();
  [[nodiscard]] std::optional<SECURITY_STATUS> take_turn(Pace pace, Wait& wait);
  [[nodiscard]] std::optional<SECURITY_STATUS> begin(Pace pace, Wait& wait);
  [[nodiscard]] std::optional<SECURITY_STATUS> ask(Pace pace, Wait& wait);

  Call& call_;
  Bell* const bell_;
  Stage stage_ = Stage::finding;
  std::optional<Turn> turn_;
  std::optional<Opening> opening_;
  std::shared_ptr<Session> session_;
  std::optional<Asking> asking_;
  Answer answer_;
  int sessions_ended_ = 0;
};

/// Carries a call out on a thread that may block.
template <class SomeCall, class... Arguments>
SECURITY_STATUS run(Arguments&&... arguments) {
  return c_boundary([&] {
    SomeCall call(std::forward<Arguments>(arguments)...);
    Wait none;
    return *Errand(call).advance(Pace::blocking, none);
  });
}

}  // namespace sspi
