// What InitializeSecurityContext and AcceptSecurityContext have in common: one leg of setting a context up. Which
// buffers count, where the token goes, and what is kept when it does not fit (E-041).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client-lib/channel_bindings.h"
#include "client-lib/handles.h"
#include "client-lib/sec_buffers.h"

namespace sspi {

/// The arguments as the caller gave them.
struct LegArguments {
  PCredHandle credential;
  PCtxtHandle context;
  PSecBufferDesc input;
  ULONG requirements;
  PCtxtHandle new_context;
  PSecBufferDesc output;
  ULONG* attributes;
  PTimeStamp expiry;
};

/// What the request's table says; absent things are null.
struct LegRequest {
  const proto::Handle* credential = nullptr;
  const proto::Handle* context = nullptr;
  const std::string* target = nullptr;
  ULONG requirements = 0;
  const ChannelBindings* bindings = nullptr;
};

/// What the daemon answered.
struct LegReply {
  SECURITY_STATUS status = SEC_E_OK;
  bool has_context = false;
  proto::Handle context;
  ULONG attributes = 0;
  std::int64_t expiry = 0;
  ULONG bindings_result = 0;
  std::span<const std::byte> token;
};

/// A reply whose token did not fit the caller's buffer, kept for the repetition of the call.
struct PendingLeg {
  std::vector<std::byte> question;  ///< which call this answers
  LegReply reply;
  std::vector<std::byte> token;
  Unclaimed context;  ///< of a first leg
};

/// Where the two calls differ.
struct LegKind {
  proto::Opcode opcode;
  bool first_leg_needs_token;
  std::span<const std::byte> (*encode)(TableBuilder& builder, const LegRequest& request);
  SECURITY_STATUS (*ask)(Session& session, const Request& request, Answer& answer, LegReply& reply);
};

/// `target` is for the first leg of InitializeSecurityContext.
[[nodiscard]] SECURITY_STATUS run_leg(const LegKind& kind, const LegArguments& arguments, const std::string* target);

}  // namespace sspi
