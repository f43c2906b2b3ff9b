// How tickets are earned: what a credential does at its first initiation (E-013). The calls block as long as the KDC
// takes; any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "daemon/worker/credential_request.h"
#include "daemon/worker/kdc_proxy.h"
#include "daemon/worker/keytab.h"
#include "daemon/worker/outcome.h"
#include "daemon/worker/ticket_cache.h"

namespace sspid::worker {

/// One of the ways. It asks KDCs directly where there is no `proxy`.
using LogOn = std::function<Outcome(const KdcProxy* proxy, std::shared_ptr<TicketCache>& earned)>;

/// With user and password. A missing password never becomes a log-on (E-190).
[[nodiscard]] LogOn password_log_on(std::shared_ptr<const PasswordIdentity> identity);

/// With a key of the principal.
[[nodiscard]] LogOn key_log_on(std::string principal, std::shared_ptr<const Keys> keys);

}  // namespace sspid::worker
