#include <cstring>

#include "client-lib/c_boundary.h"
#include "client-lib/channel_bindings.h"
#include "client-lib/context_buffers.h"

namespace sspi {

namespace {

SECURITY_STATUS set_flags(SecPkgContext_Bindings* bindings, ULONG flags) {
  if (bindings == nullptr || bindings->Bindings == nullptr)
    return failed(SEC_E_INVALID_PARAMETER, "the channel bindings are NULL");
  if ((flags & ~ULONG{SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS}) != 0)
    return failed(SEC_E_INVALID_PARAMETER, "SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS is the only flag there is");
  const auto old =
      std::as_bytes(std::span(reinterpret_cast<const char*>(bindings->Bindings), bindings->BindingsLength));
  const auto parsed = parse_channel_bindings(old);
  if (!parsed) return failed(SEC_E_INVALID_PARAMETER, "the channel bindings do not lie inside their buffer");

  const std::size_t length = ex_bindings_length(*parsed);
  ContextBuffer block(length);
  write_ex_bindings(*parsed, flags, static_cast<std::byte*>(block.get()));
  // What the library handed out itself is nobody's any more; memory of the program's stays the program's.
  (void)free_context_buffer(bindings->Bindings);
  bindings->Bindings = block.hand_out<SEC_CHANNEL_BINDINGS>();
  bindings->BindingsLength = static_cast<ULONG>(length);
  return SEC_E_OK;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SspiSetChannelBindingFlags(SecPkgContext_Bindings* pBindings, ULONG flags) {
  return sspi::c_boundary([&] { return sspi::set_flags(pBindings, flags); });
}
