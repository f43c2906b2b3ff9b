// The audit trail: one line for each credential and each context, and for what else hands out rights: a password that
// is changed, a session key that leaves the worker. dispatch.cpp writes it, for all calls; handlers know nothing of it.
// docs/logging.md describes the lines. No secret is in any of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/grant.h"
#include "daemon/worker/client.h"
#include "daemon/worker/outcome.h"
#include "daemon/worker/session.h"
#include "proto/sspid_generated.h"

namespace sspid::worker::audit {

/// Whose line it is.
struct Origin {
  const Client& client;
  const Grant& grant;        ///< of the identity, as it was when the call ended
  std::uint64_t connection;  ///< of the worker; with `request` it names one call
  std::uint32_t request;
};

/// How a call ended, and how long it took.
struct End {
  const Outcome& outcome;
  std::chrono::nanoseconds took;
};

// One overload for each call that is audited. Each writes a line, or none where nothing is decided yet: an exchange
// that goes on, a handle that names nothing.
void note(const Origin&, const Session&, const proto::AcquireCredentialsHandleRequest&,
          const proto::AcquireCredentialsHandleReplyT&, const End&);
void note(const Origin&, const Session&, const proto::AcquireCredentialsForUserRequest&,
          const proto::AcquireCredentialsForUserReplyT&, const End&);
void note(const Origin&, const Session&, const proto::AddCredentialsRequest&, const proto::AddCredentialsReplyT&,
          const End&);
void note(const Origin&, const Session&, const proto::ChangeAccountPasswordRequest&,
          const proto::ChangeAccountPasswordReplyT&, const End&);
void note(const Origin&, const Session&, const proto::InitializeSecurityContextRequest&,
          const proto::InitializeSecurityContextReplyT&, const End&);
void note(const Origin&, const Session&, const proto::AcceptSecurityContextRequest&,
          const proto::AcceptSecurityContextReplyT&, const End&);
void note(const Origin&, const Session&, const proto::ExportSecurityContextRequest&,
          const proto::ExportSecurityContextReplyT&, const End&);
void note(const Origin&, const Session&, const proto::ImportSecurityContextRequest&,
          const proto::ImportSecurityContextReplyT&, const End&);
void note(const Origin&, const Session&, const proto::QueryContextAttributesRequest&,
          const proto::QueryContextAttributesReplyT&, const End&);

/// Whether the call is among them.
template <class Request, class Reply>
concept audited = requires(const Origin& origin, const Session& session, const Request& in, const Reply& out,
                           const End& end) {
  note(origin, session, in, out, end);
};

/// A connection that is turned away. `rule` is of the configuration, or a bound. Of some that are not shown, how many.
void note_refusal(const Client&, const Grant&, const std::string& rule, std::uint64_t not_shown);

/// "mutual,integrity" of ISC_RET_* or ASC_RET_* flags.
[[nodiscard]] std::string name_flags(Role role, std::uint32_t attributes);

}  // namespace sspid::worker::audit
