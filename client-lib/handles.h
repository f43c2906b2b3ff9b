// The handles that live in this process: what each names in the daemon, and what the library itself remembers of it.
//
// A caller's CredHandle or CtxtHandle holds the daemon's id and tag of the object; both must be known here, in the
// table of its own kind, before anything is sent. A shared_ptr, because a call on another thread may still be at work
// on an object while its handle is deleted. Any thread may call anything here.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client-lib/call_lock.h"
#include "client-lib/sasl_state.h"
#include "client-lib/session.h"

namespace sspi {

/// An object of the daemon that no handle names (yet). Deleted there when this goes, unless somebody took it over.
class Unclaimed {
 public:
  Unclaimed() = default;
  Unclaimed(std::shared_ptr<Session> session, proto::Opcode deleter, proto::Handle id)
      : session_(std::move(session)), deleter_(deleter), id_(id) {}
  Unclaimed(Unclaimed&& other) noexcept { *this = std::move(other); }
  Unclaimed& operator=(Unclaimed&& other) noexcept {
    std::swap(session_, other.session_);
    std::swap(deleter_, other.deleter_);
    std::swap(id_, other.id_);
    return *this;
  }
  ~Unclaimed();

  [[nodiscard]] explicit operator bool() const { return session_ != nullptr; }
  [[nodiscard]] const std::shared_ptr<Session>& session() const { return session_; }
  [[nodiscard]] const proto::Handle& id() const { return id_; }
  void claimed() { session_.reset(); }

 private:
  std::shared_ptr<Session> session_;
  proto::Opcode deleter_ = proto::Opcode::None;
  proto::Handle id_;
};

/// A reply to InitializeSecurityContext or AcceptSecurityContext whose token did not fit (leg.h).
struct PendingLeg;

class TokenHandle;

/// What a handle names.
struct Object {
  Object(std::shared_ptr<Session> session, const proto::Handle& id);
  ~Object();

  const std::shared_ptr<Session> session;
  const proto::Handle id;

  /// Serialises the calls on a context; for a credential it guards `pending` alone.
  CallLock lock;
  std::unique_ptr<PendingLeg> pending;  ///< guarded by `lock`

  /// Its handle was deleted. Written by a call that has the lock, or that found an asynchronous call to have it.
  std::atomic<bool> deleted{false};
};

struct Credential : Object {
  using Object::Object;

  std::string package;  ///< as the caller named it; written before the handle is known to anybody
};

class Turn;

struct Context : Object {
  using Object::Object;

  /// The asynchronous calls that wait for `lock`, in their order. Guarded by locks().handles.
  std::deque<Turn*> queue;
  std::atomic<bool> queue_in_use{false};

  /// What threads hold that act for its client (impersonation.h): the daemon's context is deleted after them. Guarded
  /// by locks().handles.
  std::weak_ptr<Unclaimed> kept;

  /// SECPKG_ATTR_ACCESS_TOKEN: belongs to the context, which hands it out again and again. Shared with nobody; a
  /// shared_ptr knows how to free what is not complete here. Guarded by `lock`.
  std::shared_ptr<TokenHandle> access_token;
  std::unique_ptr<SaslState> sasl;  ///< where a Sasl function has begun it; guarded by locks().handles
};

/// What the caller's handle names; nothing when it names nothing of this kind.
[[nodiscard]] std::shared_ptr<Credential> find_credential(const SecHandle* handle);
[[nodiscard]] std::shared_ptr<Context> find_context(const SecHandle* handle);

/// Makes an object known and writes its handle.
void publish(const std::shared_ptr<Credential>& credential, SecHandle& handle);
void publish(const std::shared_ptr<Context>& context, SecHandle& handle);

/// Forgets the object; its handles name nothing any more. False when another call was faster.
[[nodiscard]] bool retire(const Credential& credential);
[[nodiscard]] bool retire(const Context& context);

void write_handle(const proto::Handle& id, SecHandle& handle);
void mark_deleted(SecHandle& handle);
[[nodiscard]] bool is_marked_deleted(const SecHandle& handle);

/// One call's turn at a context: from when it is alone with it until this goes.
///
/// A call that blocks its thread waits for others of its kind; it is refused while an asynchronous call has the
/// context. Asynchronous calls wait for all, and come in the order in which they began.
class Turn {
 public:
  /// `bell` is for the asynchronous: rung when it is worth to ask again.
  explicit Turn(std::shared_ptr<Context> context, Bell* bell = nullptr);
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn();

  enum class State {
    mine,
    deleted,  ///< while it was waited for
    busy,     ///< an asynchronous call has the context
    waits,    ///< only for Pace::nonblocking
  };
  [[nodiscard]] State advance(Pace pace);

 private:
  [[nodiscard]] bool comes_now();
  void leave_queue();
  void call_next() const;

  const std::shared_ptr<Context> context_;
  Bell* const bell_;
  const std::uint32_t generation_;
  bool queued_ = false;
  bool mine_ = false;
};

/// A context for the time of one call that blocks: found, and no other call at work on it.
class ContextInUse {
 public:
  explicit ContextInUse(const SecHandle* handle);

  [[nodiscard]] explicit operator bool() const { return refusal_ == SEC_E_OK; }
  /// Why the call must not go on, SEC_E_OK where it may.
  [[nodiscard]] SECURITY_STATUS refusal() const { return refusal_; }
  Context* operator->() const { return context_.get(); }
  Context& operator*() const { return *context_; }

 private:
  std::shared_ptr<Context> context_;
  std::optional<Turn> turn_;
  SECURITY_STATUS refusal_;
};

/// For calls that need not ask the daemon: whether the handle names a context, and its session lives (E-141).
[[nodiscard]] bool is_live_context(const SecHandle* handle);

/// The status of a call whose handle names nothing.
[[nodiscard]] SECURITY_STATUS unknown_handle();

/// The status of a call that would have to block until an asynchronous one has ended.
[[nodiscard]] SECURITY_STATUS busy_context();

}  // namespace sspi
