// The other end of a SPNEGO negotiation, made by hand around a bare Kerberos context, because MIT's own ends exchange
// MICs over the list of mechanisms (RFC 4178 5) only where one of them lacks the other's first choice.
#pragma once

#include "contexts.h"

namespace sspid::test {

enum class SpnegoEnd { initiator, acceptor };

/// Contexts between which one MIC went in either direction. `libgssapis` end is SPNEGO's, the other is bare Kerberos.
[[nodiscard]] Ends establish_with_mics(SpnegoEnd libgssapis);

}  // namespace sspid::test
