// How much the tokens of a context's messages need, at most.
#pragma once

#include <cstdint>

#include <gssapi/gssapi.h>

namespace sspid::worker::gss {

struct Sizes {
  std::uint32_t max_signature = 0;     ///< of MakeSignature
  std::uint32_t security_trailer = 0;  ///< TOKEN of an encrypted message
  std::uint32_t signed_trailer = 0;    ///< TOKEN of a message that is only signed
  std::uint32_t block_size = 1;
  std::uint32_t max_padding = 0;  ///< PADDING
};

/// Measures an established context, whose state stays as it is. GSS status.
[[nodiscard]] OM_uint32 measure_sizes(gss_ctx_id_t context, std::int32_t enctype, Sizes& sizes);

}  // namespace sspid::worker::gss
