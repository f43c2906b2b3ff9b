// What InitializeSecurityContext and AcceptSecurityContext have in common: legs of an exchange that ends in an
// established context.
#pragma once

#include <cstdint>

#include <gssapi/gssapi.h>

#include "daemon/worker/calls/calls.h"

namespace sspid::worker::calls {

/// What GSS-API answered to one leg.
struct Leg {
  OM_uint32 major = GSS_S_COMPLETE;
  OM_uint32 minor = 0;
  OM_uint32 flags = 0;     ///< GSS_C_*_FLAG, final on the last leg
  OM_uint32 lifetime = 0;  ///< seconds
};

/// Finds and locks the context that a later leg goes on with: one of this role that is half-built. A `credential`, if
/// the caller names one again, must be the first leg's.
Outcome find_half_built(Caller& caller, const proto::Handle* handle, const proto::Handle* credential, Role role,
                        LockedContext& context);

/// A later leg went wrong: nothing but deletion is left. Gives `failure` back.
Outcome fail(Context& context, Outcome failure);
/// The answer as it is to be taken: gss-ntlmssp claims flags that NTLM cannot keep, loses one that the client
/// sent (E-169), and knows no end of the context (E-155).
[[nodiscard]] Leg judged(const Context& context, Leg leg);

/// The last leg went well.
void establish(Context& context, const Leg& last, std::uint32_t attributes);

}  // namespace sspid::worker::calls
