#include "client-lib/endpoint.h"

#include <charconv>
#include <cstring>

#include <stdlib.h>

namespace sspi {

namespace {

constexpr const char* kSystemSocket = "/run/sspid/sspid.sock";
constexpr std::chrono::seconds kDefaultTimeout{5};
constexpr unsigned kLongestTimeout = 3600;

}  // namespace

std::vector<std::string> endpoints() {
  if (const char* named = secure_getenv("SSPI_SOCKET"); named != nullptr && *named != '\0') return {named};
  std::vector<std::string> paths{kSystemSocket};
  if (const char* runtime = secure_getenv("XDG_RUNTIME_DIR"); runtime != nullptr && *runtime == '/')
    paths.push_back(std::string(runtime) + "/sspid.sock");
  return paths;
}

std::chrono::milliseconds connect_timeout() {
  const char* text = secure_getenv("SSPI_CONNECT_TIMEOUT");
  if (text == nullptr) return kDefaultTimeout;
  unsigned seconds = 0;
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, seconds);
  if (error != std::errc{} || rest != end || seconds > kLongestTimeout) return kDefaultTimeout;
  return std::chrono::seconds{seconds};
}

}  // namespace sspi
