#include "client-lib/call.h"

namespace sspi {

namespace {

// The session at hand may have ended unnoticed, and the daemon may be restarted once more meanwhile.
constexpr int kMostSessions = 3;

}  // namespace

std::optional<SECURITY_STATUS> Call::find_context_of(const SecHandle* handle) {
  context_ = find_context(handle);
  if (!context_) return unknown_handle();
  session_ = context_->session;
  return std::nullopt;
}

Errand::Errand(Call& call, Bell* bell) : call_(call), bell_(bell) {}

std::optional<SECURITY_STATUS> Errand::advance(Pace pace, Wait& wait) {
  std::optional<SECURITY_STATUS> ended;
  try {
    ended = step(pace, wait);
  } catch (...) {
    call_.clear_outputs();
    throw;
  }
  if (ended && !SEC_SUCCESS(*ended)) call_.clear_outputs();
  return ended;
}

// Each stage ends the call, has to wait, or sets the next one.
std::optional<SECURITY_STATUS> Errand::step(Pace pace, Wait& wait) {
  wait = {};
  for (;;) {
    std::optional<SECURITY_STATUS> ended;
    switch (stage_) {
      case Stage::finding:
        ended = find();
        break;
      case Stage::turn:
        ended = take_turn(pace, wait);
        break;
      case Stage::session:
        ended = begin(pace, wait);
        break;
      case Stage::asking:
        ended = ask(pace, wait);
        break;
      case Stage::ended:
        return SEC_E_INTERNAL_ERROR;
    }
    if (ended) stage_ = Stage::ended;
    if (ended || wait.what != Wait::For::nothing) return ended;
  }
}

std::optional<SECURITY_STATUS> Errand::find() {
  if (const auto ended = call_.find()) return ended;
  if (call_.context()) turn_.emplace(call_.context(), bell_);
  stage_ = turn_ ? Stage::turn : Stage::session;
  return std::nullopt;
}

std::optional<SECURITY_STATUS> Errand::take_turn(Pace pace, Wait& wait) {
  switch (turn_->advance(pace)) {
    case Turn::State::mine:
      break;
    case Turn::State::deleted:
      return unknown_handle();
    case Turn::State::busy:
      if (call_.needs_turn()) return busy_context();
      turn_.reset();
      break;
    case Turn::State::waits:
      if (call_.needs_turn()) {
        wait = {.what = Wait::For::bell};
        return std::nullopt;
      }
      turn_.reset();
      break;
  }
  stage_ = Stage::session;
  return std::nullopt;
}

std::optional<SECURITY_STATUS> Errand::begin(Pace pace, Wait& wait) {
  session_ = call_.session();
  if (!session_) session_ = Session::existing();
  if (!session_) {
    if (!opening_) opening_.emplace();
    const std::optional<SECURITY_STATUS> opened = opening_->advance(pace, session_, wait);
    if (!opened) return std::nullopt;
    opening_.reset();
    if (*opened != SEC_E_OK) return opened;
  }
  if (const auto ended = call_.begin(session_)) return ended;
  asking_.emplace(*session_, bell_);
  stage_ = Stage::asking;
  return std::nullopt;
}

std::optional<SECURITY_STATUS> Errand::ask(Pace pace, Wait& wait) {
  const auto exchange = asking_->advance(call_.request(), call_.places(), pace, answer_, wait);
  if (!exchange) return std::nullopt;
  switch (*exchange) {
    case Exchange::done:
      if (!call_.asks_again(answer_)) return call_.finish(answer_);
      answer_ = {};
      asking_.reset();
      stage_ = Stage::session;
      return std::nullopt;
    case Exchange::lost:
      if (proto::is_one_way(call_.request().opcode)) return call_.finish(answer_);
      return failed(SEC_E_INTERNAL_ERROR, "the connection to sspid ended during the call");
    case Exchange::gone:
      break;
  }
  if (call_.session()) return failed(SEC_E_INVALID_HANDLE, "the handle's session with sspid has ended");
  Session::abandon(session_);
  if (++sessions_ended_ == kMostSessions) return failed(SEC_E_INTERNAL_ERROR, "sspid ends every session at once");
  asking_.reset();
  stage_ = Stage::session;
  return std::nullopt;
}

void Errand::cancel() {
  stage_ = Stage::ended;
  if (asking_) asking_->give_up();
  call_.cancelled();
}

void Errand::forget() {
  stage_ = Stage::ended;
  if (asking_) asking_->forget();
}

}  // namespace sspi
