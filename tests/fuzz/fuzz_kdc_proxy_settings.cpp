// A block that says to be SecPkgCredentials_KdcProxySettingsW: nothing outside it is read, and the server's name is
// what the protocol can carry. The bytes lie in a block of exactly their size.
#include <cstring>
#include <memory>

#include "client-lib/kdc_proxy_settings.h"
#include "client-lib/text.h"
#include "proto/limits.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::make_unique<std::byte[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  sspi::KdcProxySettings settings;
  if (sspi::parse_kdc_proxy_settings({bytes.get(), size}, settings) != SEC_E_OK) return 0;
  if (settings.server.size() > sspid::proto::kMaxName || !sspi::is_utf8(settings.server) ||
      settings.server.find('\0') != std::string::npos)
    __builtin_trap();
  return 0;
}
