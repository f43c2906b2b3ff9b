#include "client-lib/kdc_proxy_settings.h"

#include <cstring>
#include <optional>

#include "client-lib/text.h"
#include "proto/limits.h"

namespace sspi {

namespace {

using Form = SecPkgCredentials_KdcProxySettingsW;

SECURITY_STATUS refused(std::string_view what) { return failed(SEC_E_INVALID_PARAMETER, what); }

std::optional<std::string> server_of(const Form& form, std::span<const std::byte> block) {
  const std::size_t offset = form.ProxyServerOffset, length = form.ProxyServerLength;
  if (length == 0) return std::string();
  if (length % sizeof(SEC_WCHAR) != 0 || offset < sizeof form || offset > block.size() ||
      length > block.size() - offset)
    return std::nullopt;
  std::basic_string<SEC_WCHAR> wide(length / sizeof(SEC_WCHAR), 0);
  std::memcpy(wide.data(), block.data() + offset, length);
  auto server = to_utf8(wide);
  if (!server || server->size() > sspid::proto::kMaxName || server->find('\0') != std::string::npos)
    return std::nullopt;
  return server;
}

}  // namespace

SECURITY_STATUS parse_kdc_proxy_settings(std::span<const std::byte> block, KdcProxySettings& settings) {
  Form form{};
  if (block.size() < sizeof form) return refused("the settings are shorter than their structure");
  std::memcpy(&form, block.data(), sizeof form);
  if (form.Version != KDC_PROXY_SETTINGS_V1) return refused("these settings of a KDC proxy have an unknown version");
  if (form.ClientTlsCredLength != 0)
    return failed(SEC_E_UNSUPPORTED_FUNCTION, "the connection to a KDC proxy carries no certificate of the client");
  auto server = server_of(form, block);
  if (!server) return refused("the proxy's name is not inside the settings, or not a string");
  settings.server = std::move(*server);
  settings.forced = (form.Flags & KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY) != 0;
  return SEC_E_OK;
}

}  // namespace sspi
