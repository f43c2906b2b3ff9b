#include "daemon/worker/gss/flags.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <sspi.h>

namespace sspid::worker::gss {

namespace {

struct Flag {
  OM_uint32 gss;
  std::uint32_t isc_req;
  std::uint32_t isc_ret;
  std::uint32_t asc_ret;
};

constexpr Flag kFlags[] = {
    {GSS_C_MUTUAL_FLAG, ISC_REQ_MUTUAL_AUTH, ISC_RET_MUTUAL_AUTH, ASC_RET_MUTUAL_AUTH},
    {GSS_C_REPLAY_FLAG, ISC_REQ_REPLAY_DETECT, ISC_RET_REPLAY_DETECT, ASC_RET_REPLAY_DETECT},
    {GSS_C_SEQUENCE_FLAG, ISC_REQ_SEQUENCE_DETECT, ISC_RET_SEQUENCE_DETECT, ASC_RET_SEQUENCE_DETECT},
    {GSS_C_CONF_FLAG, ISC_REQ_CONFIDENTIALITY, ISC_RET_CONFIDENTIALITY, ASC_RET_CONFIDENTIALITY},
    {GSS_C_INTEG_FLAG, ISC_REQ_INTEGRITY, ISC_RET_INTEGRITY, ASC_RET_INTEGRITY},
    {GSS_C_ANON_FLAG, ISC_REQ_NULL_SESSION, ISC_RET_NULL_SESSION, ASC_RET_NULL_SESSION},
    {GSS_C_DCE_STYLE, ISC_REQ_USE_DCE_STYLE, ISC_RET_USED_DCE_STYLE, ASC_RET_USED_DCE_STYLE},
    {GSS_C_IDENTIFY_FLAG, ISC_REQ_IDENTIFY, ISC_RET_IDENTIFY, ASC_RET_IDENTIFY},
    {GSS_C_EXTENDED_ERROR_FLAG, ISC_REQ_EXTENDED_ERROR, ISC_RET_EXTENDED_ERROR, ASC_RET_EXTENDED_ERROR},
};

constexpr std::uint32_t kNeedsIntegrity = ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY;
constexpr std::uint32_t kProtections = kNeedsIntegrity | ISC_REQ_INTEGRITY;

/// The requirements with what they imply, without what they cannot have.
std::uint32_t effective(std::uint32_t requirements, bool negotiates) {
  if (negotiates && (requirements & ISC_REQ_NO_INTEGRITY)) requirements &= ~kProtections;  // E-082
  if (requirements & kNeedsIntegrity) requirements |= ISC_REQ_INTEGRITY;                   // E-081
  if (requirements & ISC_REQ_USE_DCE_STYLE) requirements |= ISC_REQ_MUTUAL_AUTH;
  if (!(requirements & ISC_REQ_MUTUAL_AUTH)) requirements &= ~static_cast<std::uint32_t>(ISC_REQ_DELEGATE);  // E-076
  return requirements;
}

// What a program asks for about its own buffers or transport comes back as it was asked for.
constexpr std::uint32_t kInitiatorEcho = ISC_REQ_CONNECTION | ISC_REQ_STREAM;
constexpr std::uint32_t kAcceptorEcho = ASC_REQ_CONNECTION | ASC_REQ_STREAM;

}  // namespace

OM_uint32 request_flags(std::uint32_t requirements, bool negotiates) {
  const std::uint32_t wanted = effective(requirements, negotiates);
  // Only to services that the KDC marks as trusted for delegation, as Windows does (E-077).
  OM_uint32 flags = wanted & ISC_REQ_DELEGATE ? GSS_C_DELEG_POLICY_FLAG : 0;
  for (const Flag& flag : kFlags)
    if (wanted & flag.isc_req) flags |= flag.gss;
  return flags;
}

bool wants_no_ci_flags(std::uint32_t requirements, bool negotiates) {
  return (effective(requirements, negotiates) & kProtections) == 0;
}

std::uint32_t initiator_attributes(OM_uint32 granted, std::uint32_t requirements, bool negotiates) {
  const std::uint32_t wanted = effective(requirements, negotiates);
  std::uint32_t attributes = requirements & kInitiatorEcho;
  if ((wanted & ISC_REQ_DELEGATE) && (granted & GSS_C_DELEG_FLAG)) attributes |= ISC_RET_DELEGATE;
  // Kerberos always agrees on a key of its own for the session.
  if (wanted & ISC_REQ_USE_SESSION_KEY) attributes |= ISC_RET_USE_SESSION_KEY;
  for (const Flag& flag : kFlags)
    if ((wanted & flag.isc_req) && (granted & flag.gss)) attributes |= flag.isc_ret;
  return attributes;
}

std::uint32_t acceptor_attributes(OM_uint32 granted, std::uint32_t requirements) {
  std::uint32_t attributes = requirements & kAcceptorEcho;
  if (granted & GSS_C_DELEG_FLAG) attributes |= ASC_RET_DELEGATE;
  if (requirements & ASC_REQ_USE_SESSION_KEY) attributes |= ASC_RET_USE_SESSION_KEY;
  for (const Flag& flag : kFlags)
    if (granted & flag.gss) attributes |= flag.asc_ret;
  return attributes;
}

std::uint32_t intermediate_initiator_attributes(std::uint32_t requirements) {
  const std::uint32_t dce = requirements & ISC_REQ_USE_DCE_STYLE ? ISC_RET_INTERMEDIATE_RETURN : 0;
  return (requirements & kInitiatorEcho) | dce;
}

std::uint32_t intermediate_acceptor_attributes(std::uint32_t requirements) { return requirements & kAcceptorEcho; }

OM_uint32 ntlm_flags(OM_uint32 granted, Side side) {
  constexpr OM_uint32 never = GSS_C_MUTUAL_FLAG | GSS_C_DELEG_FLAG | GSS_C_DELEG_POLICY_FLAG | GSS_C_DCE_STYLE;
  // Every NTLM signature counts.
  if (side == Side::acceptor && (granted & GSS_C_INTEG_FLAG)) granted |= GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;
  return granted & ~never;
}

}  // namespace sspid::worker::gss
