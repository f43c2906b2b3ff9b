// Second objects in the state of a first one. GSS-API has no such thing: what it exports uses a context up, and what it
// imports may be imported again.
#pragma once

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/message.h"

namespace sspid::worker::gss {

/// Of an established context. Both go on with the same keys and numbers. On failure `copy` is empty, and `context` is
/// either as it was or, where the mechanism gave it up and does not take it back, empty too.
///
/// Names lose what GSS-API knows of them beside their text (a PAC): ask before.
[[nodiscard]] MessageStatus duplicate(Context& context, Context& copy);

/// Tickets in memory are copied, too.
[[nodiscard]] MessageStatus duplicate(gss_cred_id_t credential, Credential& copy);

}  // namespace sspid::worker::gss
