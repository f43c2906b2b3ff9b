#include <vector>

#include <openssl/crypto.h>

#include "daemon/worker/calls/calls.h"
#include "daemon/worker/protection.h"

namespace sspid::worker::calls {

namespace {

/// What a seal is bound to beside the worker: who may open it, and what the secret belongs to.
std::vector<std::byte> context_of(const Session& session, proto::Scope scope, std::span<const std::byte> associated) {
  std::vector<std::byte> context{static_cast<std::byte>(scope)};
  if (scope == proto::Scope::Process) {
    const auto key = std::as_bytes(std::span(&session.key, 1));
    context.insert(context.end(), key.begin(), key.end());
  }
  context.insert(context.end(), associated.begin(), associated.end());
  return context;
}

}  // namespace

Outcome protect_for_logon(Caller& caller, const proto::ProtectForLogonRequest& in,
                          Reply<proto::ProtectForLogonReplyT>& out) {
  const auto context = context_of(caller.session, in.scope(), caller.payload.first(in.associated()));
  const auto secret = caller.payload.subspan(in.associated());
  if (in.open()) {
    if (!caller.worker.protection->open(secret, context, out.payload.key))
      return {SEC_E_DECRYPT_FAILURE, "it was encrypted by another user, for another process or by an sspid that ended"};
  } else {
    const auto sealed = caller.worker.protection->seal(secret, context);
    OPENSSL_cleanse(secret.data(), secret.size());
    if (sealed.empty()) return {SEC_E_CRYPTO_SYSTEM_INVALID, "OpenSSL has no AES-256-GCM"};
    out.payload.key = Secret(sealed);
  }
  out.payload.add(std::as_bytes(std::span(out.payload.key.view())));
  return {};
}

}  // namespace sspid::worker::calls
