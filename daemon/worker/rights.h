// What policy lets this worker's identity do: asked where a credential is made, where it is used towards a target, and
// where a key would leave the worker. Calls on what a client holds already need no further right. An outcome that
// refuses names the rule. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "daemon/grant.h"
#include "daemon/worker/credential_request.h"
#include "daemon/worker/outcome.h"

namespace sspid::worker {

class Credential;

/// Whether an InitializeSecurityContext target is one of `patterns`: "ldap/*", "HTTP/www.example.test",
/// "alice@EXAMPLE.TEST"; * stands for anything, letters compare without case, and a pattern without a realm means any.
[[nodiscard]] bool is_target_of(const Grant::Names& patterns, const std::string& target);

/// SEC_E_SECPKG_NOT_FOUND for a package of that name: by policy where it exists.
Outcome no_such_package(const Grant& grant, std::string_view name);

/// Takes from a request what is not granted. SEC_E_NO_CREDENTIALS where nothing is left of it, SEC_E_NOT_OWNER where
/// the principal is another identity's.
Outcome limit_to(const Grant& grant, CredentialRequest& request);

/// Whether the tickets of a client may be used on at all: SEC_E_NOT_OWNER where not.
Outcome may_act_for_client(const Grant& grant, const TicketCache& tickets);

/// SEC_E_NOT_OWNER where the identity may not go there with this credential.
Outcome may_reach(const Grant& grant, const Credential& credential, const std::string& target);

/// Whether the identity may go to this realm's password service, with an old password or with its own tickets. That is
/// a target like others: SEC_E_NOT_OWNER where it is none of those that are granted, or nothing may be initiated.
Outcome may_change_passwords(const Grant& grant, const std::string& realm);

}  // namespace sspid::worker
