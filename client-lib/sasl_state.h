// What the library remembers of a context on which the Sasl functions work. Guarded by locks().handles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sspi.h"

namespace sspi {

/// RFC 4752, section 3.3: what protects the connection afterwards.
enum SaslLayer : std::uint8_t { kNoLayer = 1, kIntegrityLayer = 2, kPrivacyLayer = 4 };

struct SaslState {
  enum class Stage {
    tokens,          ///< the context is being established
    empty_response,  ///< a server has sent the context's last token and awaits the client's empty answer
    offer,           ///< a client awaits the server's layers
    choice,          ///< a server awaits the client's layer
    undelivered,     ///< `token` did not fit the caller's buffer
    done,
    failed
  };

  Stage stage = Stage::tokens;
  bool negotiates_layer = false;  ///< GSSAPI: the other profiles have no such messages
  ULONG requirements = 0;         ///< of the first call
  ULONG attributes = 0;           ///< of the finished context
  TimeStamp expiry{};
  std::uint8_t layers = 0;  ///< a server's offer

  // SASL_OPTION_*
  std::uint32_t send_size = 0xFFFF;
  std::uint32_t recv_size = 0xFFFF;
  bool authz_allowed = true;
  std::string authz;

  // With Stage::undelivered
  std::vector<std::byte> token;
  Stage after_delivery = Stage::done;
};

}  // namespace sspi
