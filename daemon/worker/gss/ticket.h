// Where in a context token the client's ticket is.
#pragma once

#include <cstddef>
#include <span>

namespace sspid::worker::gss {

/// The DER of the Ticket (RFC 4120 5.3) in the AP-REQ that an initiator's token carries: framed or bare, alone or
/// inside SPNEGO's NegTokenInit or NegTokenResp. Empty where there is none. A part of `token`.
[[nodiscard]] std::span<const std::byte> ticket_in(std::span<const std::byte> token);

}  // namespace sspid::worker::gss
