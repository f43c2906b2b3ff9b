// SecPkgCredentials_KdcProxySettingsW: a header and the strings behind it, in one block of the caller's.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "client-lib/last_error.h"

namespace sspi {

struct KdcProxySettings {
  std::string server;   ///< UTF-8; empty: no proxy any more
  bool forced = false;  ///< KDCs are never asked directly
};

/// SEC_E_OK, or the status by which to refuse the block.
[[nodiscard]] SECURITY_STATUS parse_kdc_proxy_settings(std::span<const std::byte> block, KdcProxySettings& settings);

}  // namespace sspi
