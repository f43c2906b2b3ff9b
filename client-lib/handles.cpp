#include "client-lib/handles.h"

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
  if (!session_) return;
  try {
    (void)delete_remote(*session_, deleter_, id_);
  } catch (const std::bad_alloc&) {
    // It ends with its session, then.
  }
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

ContextInUse::ContextInUse(const SecHandle* handle) : context_(find_context(handle)) {
  if (!context_) return;
  context_->lock.lock();
  if (!context_->deleted) return;
  context_->lock.unlock();
  context_.reset();
}

ContextInUse::~ContextInUse() {
  if (context_) context_->lock.unlock();
}

bool is_live_context(const SecHandle* handle) {
  const auto context = find_context(handle);
  return context && !context->session->has_ended();
}

SECURITY_STATUS unknown_handle() {
  return failed(SEC_E_INVALID_HANDLE, "the handle names nothing that lives in this process");
}

Exchange delete_remote(Session& session, proto::Opcode deleter, const proto::Handle& id) {
  TableBuilder builder;
  const auto table = deleter == proto::Opcode::FreeCredentialsHandle
                         ? builder.finish(proto::CreateFreeCredentialsHandleRequest(builder, &id))
                         : builder.finish(proto::CreateDeleteSecurityContextRequest(builder, &id));
  return session.post({.opcode = deleter, .table = table});
}

}  // namespace sspi
