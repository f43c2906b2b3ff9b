#include "client-lib/c_boundary.h"
#include "client-lib/exchange.h"
#include "client-lib/handles.h"
#include "client-lib/strings_out.h"

namespace sspi {

namespace {

// The only attribute that a credential has here; `size` is the caller's structure, nothing where the call has no
// argument for it.
template <class Form>
SECURITY_STATUS query(PCredHandle handle, ULONG attribute, void* buffer, std::optional<ULONG> size) {
  const auto credential = find_credential(handle);
  if (!credential) return unknown_handle();
  if (buffer == nullptr) return failed(SEC_E_INVALID_PARAMETER, "pBuffer is NULL");
  if (attribute == SECPKG_CRED_ATTR_NAMES && size && *size < sizeof(typename Form::CredentialNames))
    return failed(SEC_E_BUFFER_TOO_SMALL, "the buffer is shorter than the attribute's structure");

  TableBuilder builder;
  const auto table =
      builder.finish(proto::CreateQueryCredentialsAttributesRequest(builder, &credential->id, attribute));
  Answer answer;
  const proto::QueryCredentialsAttributesReply* reply = nullptr;
  const SECURITY_STATUS status = ask(
      *credential->session, {.opcode = proto::Opcode::QueryCredentialsAttributes, .table = table}, {}, answer, reply);
  if (status != SEC_E_OK) return status;
  if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) return refusal;
  if (attribute != SECPKG_CRED_ATTR_NAMES)
    return failed(SEC_E_UNSUPPORTED_FUNCTION, "libsspi does not know this attribute");

  if (reply->name() == nullptr) return nonsense(answer);
  auto name = string_block<Form>(reply->name()->string_view());
  if (!name) return nonsense(answer);
  static_cast<typename Form::CredentialNames*>(buffer)->sUserName = name->template hand_out<typename Form::Char>();
  return SEC_E_OK;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS QueryCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute, void* pBuffer) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Wide>(phCredential, ulAttribute, pBuffer, std::nullopt); });
}

SECURITY_STATUS QueryCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute, void* pBuffer) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Ansi>(phCredential, ulAttribute, pBuffer, std::nullopt); });
}

SECURITY_STATUS QueryCredentialsAttributesExW(PCredHandle phCredential, ULONG ulAttribute, void* pBuffer,
                                              ULONG cbBuffer) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Wide>(phCredential, ulAttribute, pBuffer, cbBuffer); });
}

SECURITY_STATUS QueryCredentialsAttributesExA(PCredHandle phCredential, ULONG ulAttribute, void* pBuffer,
                                              ULONG cbBuffer) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Ansi>(phCredential, ulAttribute, pBuffer, cbBuffer); });
}
