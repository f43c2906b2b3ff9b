// The session key of an established context: handed out where policy allows it, and what tells the encryption type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "daemon/worker/gss/handle.h"

namespace sspid::worker::gss {

/// The key with its type, in memory that is wiped. GSS status of the inquiry.
struct SessionKey {
  BufferSet set;
  std::span<const std::byte> bytes;
  std::int32_t enctype = 0;  ///< 0 where the mechanism tells none
};
[[nodiscard]] OM_uint32 session_key(gss_ctx_id_t context, OM_uint32& minor, SessionKey& key);

}  // namespace sspid::worker::gss
