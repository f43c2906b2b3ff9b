// The random block that every encrypted message begins with (RFC 3961 3).
#pragma once

#include <cstddef>
#include <span>

#include "daemon/worker/seal/profile.h"

namespace sspid::worker::seal {

/// Drawn from a reserve of the calling thread, because asking OpenSSL costs as much as sealing a short message. False
/// where OpenSSL has no randomness. Not to be used on both sides of a fork, which would give both the same blocks.
[[nodiscard]] bool draw_confounder(std::span<std::byte, kBlock> into);

}  // namespace sspid::worker::seal
