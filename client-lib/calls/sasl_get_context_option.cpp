#include <cstring>

#include "client-lib/c_boundary.h"
#include "client-lib/sasl.h"

namespace sspi {

namespace {

SECURITY_STATUS tell(std::span<const std::byte> value, void* out, ULONG size, ULONG* needed) {
  if (needed != nullptr) *needed = static_cast<ULONG>(value.size());
  if (size < value.size())
    return failed(SEC_E_BUFFER_TOO_SMALL, "the option's value is longer; Needed tells how long");  // E-177
  if (out == nullptr) return failed(SEC_E_INVALID_PARAMETER, "the place for the value is NULL");
  std::memcpy(out, value.data(), value.size());
  return SEC_E_OK;
}

SECURITY_STATUS tell(std::uint32_t value, void* out, ULONG size, ULONG* needed) {
  return tell(std::as_bytes(std::span(&value, 1)), out, size, needed);
}

SECURITY_STATUS get_option(PCtxtHandle context, ULONG option, void* value, ULONG size, ULONG* needed) {
  SaslStateInUse state(context);
  if (!state) return unknown_handle();
  switch (option) {
    case SASL_OPTION_SEND_SIZE:
      return tell(state->send_size, value, size, needed);
    case SASL_OPTION_RECV_SIZE:
      return tell(state->recv_size, value, size, needed);
    case SASL_OPTION_AUTHZ_STRING:
      if (!state->authz_allowed)
        return failed(SEC_E_UNSUPPORTED_FUNCTION, "authorization identities are forbidden on this context");
      // With its NUL.
      return tell(std::as_bytes(std::span(state->authz.c_str(), state->authz.size() + 1)), value, size, needed);
    case SASL_OPTION_AUTHZ_PROCESSING:
      return tell(state->authz_allowed ? Sasl_AuthZIDProcessed : Sasl_AuthZIDForbidden, value, size, needed);
    default:
      return failed(SEC_E_UNSUPPORTED_FUNCTION, "there is no such option");
  }
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SaslGetContextOption(PCtxtHandle ContextHandle, ULONG Option, PVOID Value, ULONG Size, PULONG Needed) {
  return sspi::c_boundary([&] { return sspi::get_option(ContextHandle, Option, Value, Size, Needed); });
}
