#include "client-lib/impersonation.h"

#include <stdlib.h>

#include "client-lib/last_error.h"
#include "client-lib/thread_identity.h"

namespace sspi {

namespace {

/// The two identities of a thread whose ids were changed.
struct Ids {
  ThreadIdentity own;
  ThreadIdentity client;
};

struct State {
  Impersonated client;
  std::shared_ptr<Unclaimed> kept;
  std::optional<Ids> ids;
};

// A thread's first look at `state` allocates what frees it at the thread's end, and glibc ends the process where there
// is no memory for that: threads that never acted for a client look at `has_acted` alone.
thread_local std::optional<State> state;
constinit thread_local bool has_acted = false;

SECURITY_STATUS torn() {
  return failed(SEC_E_INTERNAL_ERROR,
                "the thread's user and groups are those of two identities: revert, or end the thread");
}

SECURITY_STATUS take_ids(const LocalAccount& account, std::optional<Ids>& ids) {
  const bool already = state && state->ids;
  Ids next{.own = already ? state->ids->own : thread_identity(),
           .client = {account.user, account.group, account.groups}};
  const Switched switched = switch_thread(next.client);
  if (switched != Switched::no) ids = std::move(next);  // torn too: a later revert may succeed
  switch (switched) {
    case Switched::yes:
      return SEC_E_OK;
    case Switched::no:
      return failed(SEC_E_NO_IMPERSONATION,
                    "the program lacks the privilege (CAP_SETUID and CAP_SETGID) to act as " + account.name);
    case Switched::torn:
      break;
  }
  return torn();
}

SECURITY_STATUS give_ids_back() {
  if (!state || !state->ids) return SEC_E_OK;
  switch (switch_thread(state->ids->own)) {
    case Switched::yes:
      state->ids.reset();
      return SEC_E_OK;
    case Switched::no:
      return failed(SEC_E_NO_IMPERSONATION, "the program lacks the privilege to act as itself again");
    case Switched::torn:
      break;
  }
  return torn();
}

std::shared_ptr<Unclaimed> keep(Context& context) {
  auto first = std::make_shared<Unclaimed>();
  const std::lock_guard lock(locks().handles);
  if (auto kept = context.kept.lock()) return kept;
  context.kept = first;
  return first;
}

}  // namespace

std::optional<Impersonated> impersonated() {
  if (!has_acted || !state) return std::nullopt;
  return state->client;
}

std::shared_ptr<Unclaimed> kept_by_threads(Context& context) {
  const std::lock_guard lock(locks().handles);
  return context.kept.lock();
}

SECURITY_STATUS impersonate(Context& context, const LocalAccount* account) {
  State next{.client = {context.session, context.id}, .kept = keep(context), .ids = {}};
  has_acted = true;
  const SECURITY_STATUS status = account != nullptr ? take_ids(*account, next.ids) : give_ids_back();
  if (status == SEC_E_OK || next.ids) state = std::move(next);
  return status;
}

SECURITY_STATUS revert() {
  const SECURITY_STATUS status = give_ids_back();
  if (status == SEC_E_OK) state.reset();
  return status;
}

AsProcess::AsProcess() {
  if (!has_acted || !state || !state->ids) return;
  switched_ = switch_thread(state->ids->own) != Switched::no;
}

AsProcess::~AsProcess() {
  if (switched_ && switch_thread(state->ids->client) != Switched::yes) abort();
}

}  // namespace sspi
