#include "client-lib/c_boundary.h"
#include "client-lib/exchange.h"
#include "client-lib/handles.h"
#include "client-lib/kdc_proxy_settings.h"

namespace sspi {

namespace {

// The settings have one form only, so A and W take the same.
SECURITY_STATUS set(PCredHandle handle, ULONG attribute, const void* buffer, ULONG size) {
  const auto credential = find_credential(handle);
  if (!credential) return unknown_handle();
  if (attribute != SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS)
    return failed(SEC_E_UNSUPPORTED_FUNCTION, "this attribute of credentials cannot be set");
  if (buffer == nullptr) return failed(SEC_E_INVALID_PARAMETER, "pBuffer is NULL");
  KdcProxySettings settings;
  const SECURITY_STATUS parsed = parse_kdc_proxy_settings({static_cast<const std::byte*>(buffer), size}, settings);
  if (parsed != SEC_E_OK) return parsed;

  TableBuilder builder;
  const auto server = builder.CreateString(settings.server);
  const auto proxy = proto::CreateKdcProxySettings(builder, server, settings.forced);
  const auto table =
      builder.finish(proto::CreateSetCredentialsAttributesRequest(builder, &credential->id, attribute, proxy));
  Answer answer;
  const proto::SetCredentialsAttributesReply* reply = nullptr;
  const SECURITY_STATUS status =
      ask(*credential->session, {.opcode = proto::Opcode::SetCredentialsAttributes, .table = table}, {}, answer, reply);
  return status == SEC_E_OK ? status_of(*reply) : status;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SetCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute, void* pBuffer, ULONG cbBuffer) {
  return sspi::c_boundary([&] { return sspi::set(phCredential, ulAttribute, pBuffer, cbBuffer); });
}

SECURITY_STATUS SetCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute, void* pBuffer, ULONG cbBuffer) {
  return sspi::c_boundary([&] { return sspi::set(phCredential, ulAttribute, pBuffer, cbBuffer); });
}
