#include "client-lib/handles.h"

#include <algorithm>
#include <unordered_map>

#include "client-lib/last_error.h"
#include "client-lib/leg.h"

namespace sspi {

namespace {

struct Name {
  std::uint64_t id;
  std::uint64_t tag;
  bool operator==(const Name&) const = default;
};

struct NameHash {
  std::size_t operator()(const Name& name) const { return name.id ^ name.tag; }  // tags are random
};

template <class Kind>
using Table = std::unordered_map<Name, std::shared_ptr<Kind>, NameHash>;

// One table per kind, guarded by locks().handles. Never destroyed: other threads may still call at exit.
template <class Kind>
Table<Kind>& table() {
  static auto& objects = *new Table<Kind>;
  return objects;
}

template <class Kind>
std::shared_ptr<Kind> find(const SecHandle* handle) {
  if (handle == nullptr) return nullptr;
  const std::lock_guard lock(locks().handles);
  const auto found = table<Kind>().find(Name{handle->dwLower, handle->dwUpper});
  return found == table<Kind>().end() ? nullptr : found->second;
}

template <class Kind>
void insert(const std::shared_ptr<Kind>& object, SecHandle& handle) {
  const std::lock_guard lock(locks().handles);
  table<Kind>().insert_or_assign(Name{object->id.id(), object->id.tag()}, object);
  write_handle(object->id, handle);
}

template <class Kind>
bool erase(const Kind& object) {
  typename Table<Kind>::node_type erased;  // freed after the lock is free
  const std::lock_guard lock(locks().handles);
  const auto found = table<Kind>().find(Name{object.id.id(), object.id.tag()});
  if (found == table<Kind>().end() || found->second.get() != &object) return false;
  erased = table<Kind>().extract(found);
  return true;
}

}  // namespace

Unclaimed::~Unclaimed() {
  if (session_) session_->discard(deleter_, id_);
}

Object::Object(std::shared_ptr<Session> its_session, const proto::Handle& its_id)
    : session(std::move(its_session)), id(its_id) {}

Object::~Object() = default;

std::shared_ptr<Credential> find_credential(const SecHandle* handle) { return find<Credential>(handle); }

std::shared_ptr<Context> find_context(const SecHandle* handle) { return find<Context>(handle); }

void publish(const std::shared_ptr<Credential>& credential, SecHandle& handle) { insert(credential, handle); }

void publish(const std::shared_ptr<Context>& context, SecHandle& handle) { insert(context, handle); }

bool retire(const Credential& credential) { return erase(credential); }

bool retire(const Context& context) { return erase(context); }

void write_handle(const proto::Handle& id, SecHandle& handle) {
  handle = {.dwLower = static_cast<ULONG_PTR>(id.id()), .dwUpper = static_cast<ULONG_PTR>(id.tag())};
}

void mark_deleted(SecHandle& handle) { handle = {.dwLower = SEC_DELETED_HANDLE, .dwUpper = SEC_DELETED_HANDLE}; }

bool is_marked_deleted(const SecHandle& handle) {
  return handle.dwLower == SEC_DELETED_HANDLE && handle.dwUpper == SEC_DELETED_HANDLE;
}

Turn::Turn(std::shared_ptr<Context> context, Bell* bell)
    : context_(std::move(context)), bell_(bell), generation_(process_generation()) {}

Turn::~Turn() {
  if (queued_) leave_queue();
  if (!mine_ || generation_ != process_generation()) return;  // a child has a copy of its parent's turn
  context_->lock.unlock();
  call_next();
}

Turn::State Turn::advance(Pace pace) {
  if (!mine_ && pace == Pace::blocking) {
    if (!context_->lock.lock_unless_asynchronous()) return State::busy;
    mine_ = true;
  }
  if (!mine_ && !comes_now()) return State::waits;
  return context_->deleted ? State::deleted : State::mine;
}

// Into the queue first, then the try: a call that frees the lock in between finds the queue in use.
bool Turn::comes_now() {
  const std::lock_guard lock(locks().handles);
  auto& queue = context_->queue;
  if (!queued_) {
    // In a child the calls of its parent will never leave.
    std::erase_if(queue, [&](const Turn* other) { return other->generation_ != generation_; });
    queue.push_back(this);
    queued_ = true;
    context_->queue_in_use = true;
  }
  if (queue.front() != this || !context_->lock.try_lock_asynchronously()) return false;
  queue.pop_front();
  queued_ = false;
  context_->queue_in_use = !queue.empty();
  mine_ = true;
  return true;
}

void Turn::leave_queue() {
  const std::lock_guard lock(locks().handles);
  auto& queue = context_->queue;
  const bool was_next = !queue.empty() && queue.front() == this;
  std::erase(queue, this);
  context_->queue_in_use = !queue.empty();
  if (was_next && !queue.empty() && queue.front()->generation_ == process_generation()) queue.front()->bell_->ring();
}

void Turn::call_next() const {
  if (!context_->queue_in_use) return;
  const std::lock_guard lock(locks().handles);
  if (!context_->queue.empty() && context_->queue.front()->generation_ == generation_)
    context_->queue.front()->bell_->ring();
}

ContextInUse::ContextInUse(const SecHandle* handle) : context_(find_context(handle)) {
  if (!context_) {
    refusal_ = unknown_handle();
    return;
  }
  switch (turn_.emplace(context_).advance(Pace::blocking)) {
    case Turn::State::mine:
      refusal_ = SEC_E_OK;
      break;
    case Turn::State::busy:
    case Turn::State::waits:
      refusal_ = busy_context();
      break;
    case Turn::State::deleted:
      refusal_ = unknown_handle();
      break;
  }
}

bool is_live_context(const SecHandle* handle) {
  const auto context = find_context(handle);
  return context && !context->session->has_ended();
}

SECURITY_STATUS unknown_handle() {
  return failed(SEC_E_INVALID_HANDLE, "the handle names nothing that lives in this process");
}

SECURITY_STATUS busy_context() {
  return failed(SEC_E_INVALID_PARAMETER, "an asynchronous call on this context has not ended");
}

}  // namespace sspi
