#include "client-lib/c_boundary.h"
#include "client-lib/exchange.h"
#include "client-lib/handles.h"
#include "client-lib/sec_buffers.h"
#include "client-lib/text.h"
#include "proto/limits.h"

namespace sspi {

namespace {

SECURITY_STATUS import_context(const std::string& package, std::span<const std::byte> packed, SecHandle& handle) {
  TableBuilder builder;
  const auto name = builder.CreateString(package);
  const iovec payload{const_cast<std::byte*>(packed.data()), packed.size()};
  const Request request{.opcode = proto::Opcode::ImportSecurityContext,
                        .table = builder.finish(proto::CreateImportSecurityContextRequest(builder, name)),
                        .payload = std::span(&payload, 1)};
  Answer answer;
  std::shared_ptr<Session> session;
  const auto ask = [&](const std::shared_ptr<Session>& current) {
    session = current;
    return current->transact(request, {}, answer);
  };
  if (const SECURITY_STATUS status = Session::on_current(ask); status != SEC_E_OK) return status;
  const auto* reply = answer.read<proto::ImportSecurityContextReply>();
  if (reply == nullptr) return nonsense(answer);
  if (const SECURITY_STATUS status = status_of(*reply); status != SEC_E_OK) return status;
  if (reply->context() == nullptr) return nonsense(answer);

  Unclaimed context(session, proto::Opcode::DeleteSecurityContext, *reply->context());
  publish(std::make_shared<Context>(session, *reply->context()), handle);
  context.claimed();
  return SEC_E_OK;
}

// A token handle may come with the bytes, but the worker has kept whose context it is.
template <class Char>
SECURITY_STATUS import_context(const Char* package, const SecBuffer* packed, PCtxtHandle handle) {
  if (handle == nullptr) return failed(SEC_E_INVALID_HANDLE, "phContext is NULL");
  SecInvalidateHandle(handle);
  if (package == nullptr) return failed(SEC_E_SECPKG_NOT_FOUND, "no package is named");
  const auto name = to_utf8(package);
  if (!name) return failed(SEC_E_INVALID_PARAMETER, "the package's name is not well-formed text");
  if (name->size() > proto::kMaxName) return failed(SEC_E_SECPKG_NOT_FOUND, "the package's name is too long");
  const auto bytes = packed == nullptr ? std::nullopt : contents(*packed);
  if (!bytes) return failed(SEC_E_INVALID_PARAMETER, "pPackedContext has no pointer");
  // What is longer is as good as nothing, but only the daemon knows the package.
  return import_context(*name, bytes->size() > proto::kPackedContext ? std::span<const std::byte>() : *bytes, *handle);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS ImportSecurityContextW(SEC_WCHAR* pszPackage, PSecBuffer pPackedContext, void*, PCtxtHandle phContext) {
  return sspi::c_boundary([&] { return sspi::import_context(pszPackage, pPackedContext, phContext); });
}

SECURITY_STATUS ImportSecurityContextA(SEC_CHAR* pszPackage, PSecBuffer pPackedContext, void*, PCtxtHandle phContext) {
  return sspi::c_boundary([&] { return sspi::import_context(pszPackage, pPackedContext, phContext); });
}
