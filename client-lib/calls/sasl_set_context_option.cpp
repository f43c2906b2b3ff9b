#include <cstring>

#include "client-lib/c_boundary.h"
#include "client-lib/sasl.h"

namespace sspi {

namespace {

/// What the 24 bits of the negotiation can say.
constexpr std::uint32_t kMaxSize = 0xFFFFFF;

SECURITY_STATUS read_number(const void* value, ULONG size, std::uint32_t& number) {
  if (size < sizeof number) return failed(SEC_E_BUFFER_TOO_SMALL, "the option's value has 4 bytes");
  std::memcpy(&number, value, sizeof number);
  return SEC_E_OK;
}

SECURITY_STATUS set_size(const void* value, ULONG size, std::uint32_t& option) {
  std::uint32_t number = 0;
  if (const SECURITY_STATUS status = read_number(value, size, number); status != SEC_E_OK) return status;
  if (number > kMaxSize)
    return failed(SEC_E_INVALID_PARAMETER, "a message of the security layer has 24 bits of length");
  option = number;
  return SEC_E_OK;
}

SECURITY_STATUS set_processing(const void* value, ULONG size, bool& allowed) {
  std::uint32_t number = 0;
  if (const SECURITY_STATUS status = read_number(value, size, number); status != SEC_E_OK) return status;
  if (number != Sasl_AuthZIDForbidden && number != Sasl_AuthZIDProcessed)
    return failed(SEC_E_INVALID_PARAMETER, "authorization identities are either forbidden or processed");
  allowed = number == Sasl_AuthZIDProcessed;
  return SEC_E_OK;
}

SECURITY_STATUS set_authz(const void* value, ULONG size, SaslState& state) {
  if (!state.authz_allowed)
    return failed(SEC_E_UNSUPPORTED_FUNCTION, "authorization identities are forbidden on this context");  // E-178
  std::string_view text(static_cast<const char*>(value), size);
  if (text.ends_with('\0')) text.remove_suffix(1);
  if (text.size() > proto::kMaxName || !is_utf8(text) || text.find('\0') != std::string_view::npos)
    return failed(SEC_E_INVALID_PARAMETER, "the authorization identity is too long or not well-formed text");
  state.authz = text;
  return SEC_E_OK;
}

SECURITY_STATUS set_option(PCtxtHandle context, ULONG option, const void* value, ULONG size) {
  SaslStateInUse state(context);
  if (!state) return unknown_handle();
  if (value == nullptr && (size != 0 || option != SASL_OPTION_AUTHZ_STRING))
    return failed(SEC_E_INVALID_PARAMETER, "the option's value is NULL");
  switch (option) {
    case SASL_OPTION_SEND_SIZE:
      return set_size(value, size, state->send_size);
    case SASL_OPTION_RECV_SIZE:
      return set_size(value, size, state->recv_size);
    case SASL_OPTION_AUTHZ_STRING:
      return set_authz(value, size, *state);
    case SASL_OPTION_AUTHZ_PROCESSING:
      return set_processing(value, size, state->authz_allowed);
    default:
      return failed(SEC_E_UNSUPPORTED_FUNCTION, "there is no such option");
  }
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SaslSetContextOption(PCtxtHandle ContextHandle, ULONG Option, PVOID Value, ULONG Size) {
  return sspi::c_boundary([&] { return sspi::set_option(ContextHandle, Option, Value, Size); });
}
