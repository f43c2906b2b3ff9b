// The handles that live in this process: what each names in the daemon, and what the library itself remembers of it.
//
// A caller's CredHandle or CtxtHandle holds the daemon's id and tag of the object; both must be known here, in the
// table of its own kind, before anything is sent. A shared_ptr, because a call on another thread may still be at work
// on an object while its handle is deleted. Any thread may call anything here.
#pragma once

#include <memory>
#include <utility>

#include "client-lib/call_lock.h"
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

/// What a handle names.
struct Object {
  Object(std::shared_ptr<Session> session, const proto::Handle& id);
  ~Object();

  const std::shared_ptr<Session> session;
  const proto::Handle id;

  /// Serialises the calls on a context; for a credential it guards `pending` alone.
  CallLock lock;

  // Guarded by `lock`.
  bool deleted = false;
  std::unique_ptr<PendingLeg> pending;
};

struct Credential : Object {
  using Object::Object;
};

struct Context : Object {
  using Object::Object;
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

/// A context for the time of one call: found, and no other call at work on it.
class ContextInUse {
 public:
  explicit ContextInUse(const SecHandle* handle);
  ~ContextInUse();
  ContextInUse(const ContextInUse&) = delete;
  ContextInUse& operator=(const ContextInUse&) = delete;

  [[nodiscard]] explicit operator bool() const { return context_ != nullptr; }
  Context* operator->() const { return context_.get(); }
  Context& operator*() const { return *context_; }

 private:
  std::shared_ptr<Context> context_;
};

/// For calls that need not ask the daemon: whether the handle names a context, and its session lives (E-141).
[[nodiscard]] bool is_live_context(const SecHandle* handle);

/// The status of a call whose handle names nothing.
[[nodiscard]] SECURITY_STATUS unknown_handle();

/// Deletes an object of the daemon by a call that gets no answer.
[[nodiscard]] Exchange delete_remote(Session& session, proto::Opcode deleter, const proto::Handle& id);

}  // namespace sspi
