#include "client-lib/token.h"

#include <unordered_map>

#include "client-lib/fork.h"

namespace sspi {

namespace {

enum class Holder { library, caller };

struct Entry {
  std::shared_ptr<const Token> token;
  Holder holder = Holder::library;
};

struct Table {
  std::unordered_map<std::uintptr_t, Entry> entries;
  // As Windows has them: small multiples of 4. Never used again, so that a closed handle names nothing for good.
  std::uintptr_t last = 0;
};

// Guarded by locks().handles. Never destroyed: other threads may still call at exit.
Table& table() {
  static auto& all = *new Table;
  return all;
}

std::uintptr_t number(HANDLE handle) { return reinterpret_cast<std::uintptr_t>(handle); }

bool erase(HANDLE handle, Holder holder) {
  std::unordered_map<std::uintptr_t, Entry>::node_type erased;  // freed after the lock is free
  const std::lock_guard lock(locks().handles);
  const auto found = table().entries.find(number(handle));
  if (found == table().entries.end() || found->second.holder != holder) return false;
  erased = table().entries.extract(found);
  return true;
}

}  // namespace

TokenHandle::TokenHandle(std::shared_ptr<const Token> token) {
  const std::lock_guard lock(locks().handles);
  const std::uintptr_t next = table().last + 4;
  table().entries.emplace(next, Entry{std::move(token)});
  table().last = next;
  handle_ = reinterpret_cast<HANDLE>(next);
}

TokenHandle::~TokenHandle() {
  if (handle_ != nullptr) (void)erase(handle_, Holder::library);
}

HANDLE TokenHandle::hand_out() {
  const std::lock_guard lock(locks().handles);
  table().entries.at(number(handle_)).holder = Holder::caller;
  return std::exchange(handle_, nullptr);
}

SECURITY_STATUS access_token(Context& context, HANDLE& handle) {
  if (!context.access_token) {
    auto token = std::make_shared<Token>();
    const SECURITY_STATUS status = query_identity(context, *token);
    if (status == SEC_E_NO_IMPERSONATION)
      return failed(SEC_E_UNSUPPORTED_FUNCTION, "only a server's context has this attribute");
    if (status != SEC_E_OK) return status;
    context.access_token = std::make_shared<TokenHandle>(std::move(token));
  }
  handle = context.access_token->get();
  return SEC_E_OK;
}

std::shared_ptr<const Token> find_token(HANDLE handle) {
  const std::lock_guard lock(locks().handles);
  const auto found = table().entries.find(number(handle));
  return found == table().entries.end() ? nullptr : found->second.token;
}

bool close_token(HANDLE handle) { return erase(handle, Holder::caller); }

}  // namespace sspi
