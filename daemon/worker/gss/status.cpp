#include "daemon/worker/gss/status.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <optional>

namespace sspid::worker::gss {

namespace {

// ---- Codes that no installed header has ----

// Of MIT's Kerberos mechanism (gssapi_err_krb5.et) and of its token reader (gssapi_err_generic.et).
constexpr krb5_error_code kCacheNoMatch = 39756032;
constexpr krb5_error_code kKeytabNoMatch = 39756033;
constexpr krb5_error_code kTgtMissing = 39756034;
constexpr krb5_error_code kContextEstablished = 39756036;
constexpr krb5_error_code kBadLength = 39756038;
constexpr krb5_error_code kContextIncomplete = 39756039;
constexpr krb5_error_code kEmptyCache = 39756044;
constexpr krb5_error_code kNoChecksumType = 39756045;
constexpr krb5_error_code kUnknownQop = -2045022968;
constexpr krb5_error_code kBadTokenHeader = -2045022964;
constexpr krb5_error_code kBadDirection = -2045022963;
constexpr krb5_error_code kTokenTruncated = -2045022962;
constexpr krb5_error_code kReflected = -2045022961;
constexpr krb5_error_code kWrongTokenId = -2045022960;

constexpr krb5_error_code kNtlm = 0x4E540000;  // gss-ntlmssp counts from here

// ---- By minor code ----

/// In a table: the minor code says nothing here, the major code decides.
constexpr SECURITY_STATUS kByMajor = SEC_E_OK;

struct Row {
  krb5_error_code minor;
  SECURITY_STATUS client;
  SECURITY_STATUS server;
};

constexpr Row kRows[] = {
    // What a KDC answers (RFC 4120 7.5.9).
    {KRB5KDC_ERR_NAME_EXP, SEC_E_LOGON_DENIED, kByMajor},
    {KRB5KDC_ERR_SERVICE_EXP, SEC_E_TARGET_UNKNOWN, kByMajor},
    {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, SEC_E_NO_CREDENTIALS, kByMajor},
    {KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, SEC_E_TARGET_UNKNOWN, kByMajor},
    {KRB5KDC_ERR_PRINCIPAL_NOT_UNIQUE, SEC_E_TARGET_UNKNOWN, kByMajor},
    {KRB5KDC_ERR_NULL_KEY, SEC_E_NO_KERB_KEY, SEC_E_NO_KERB_KEY},
    {KRB5KDC_ERR_CANNOT_POSTDATE, SEC_E_TIME_SKEW, kByMajor},
    {KRB5KDC_ERR_NEVER_VALID, SEC_E_TIME_SKEW, kByMajor},
    {KRB5KDC_ERR_POLICY, SEC_E_LOGON_DENIED, kByMajor},
    {KRB5KDC_ERR_BADOPTION, SEC_E_KDC_INVALID_REQUEST, kByMajor},
    {KRB5KDC_ERR_ETYPE_NOSUPP, SEC_E_KDC_UNKNOWN_ETYPE, kByMajor},
    {KRB5KDC_ERR_PADATA_TYPE_NOSUPP, SEC_E_UNSUPPORTED_PREAUTH, kByMajor},
    {KRB5KDC_ERR_CLIENT_REVOKED, SEC_E_LOGON_DENIED, kByMajor},
    {KRB5KDC_ERR_SERVICE_REVOKED, SEC_E_TARGET_UNKNOWN, kByMajor},
    {KRB5KDC_ERR_TGT_REVOKED, SEC_E_NO_CREDENTIALS, kByMajor},
    {KRB5KDC_ERR_CLIENT_NOTYET, SEC_E_LOGON_DENIED, kByMajor},
    {KRB5KDC_ERR_SERVICE_NOTYET, SEC_E_TARGET_UNKNOWN, kByMajor},
    {KRB5KDC_ERR_KEY_EXP, SEC_E_LOGON_DENIED, kByMajor},
    {KRB5KDC_ERR_PREAUTH_FAILED, SEC_E_LOGON_DENIED, kByMajor},
    {KRB5KDC_ERR_PREAUTH_REQUIRED, SEC_E_UNSUPPORTED_PREAUTH, kByMajor},
    {KRB5KDC_ERR_MUST_USE_USER2USER, SEC_E_NO_TGT_REPLY, kByMajor},
    {KRB5KDC_ERR_SVC_UNAVAILABLE, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},
    {KRB5KDC_ERR_WRONG_REALM, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},

    // What a service answers, or finds in a ticket. A client learns from most of them that the service has other keys
    // than the KDC thinks, which is what Windows calls a wrong principal.
    {KRB5KRB_AP_ERR_BAD_INTEGRITY, SEC_E_WRONG_PRINCIPAL, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_ERR_TKT_EXPIRED, SEC_E_NO_CREDENTIALS, SEC_E_CONTEXT_EXPIRED},
    {KRB5KRB_AP_ERR_TKT_NYV, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW},
    {KRB5KRB_AP_ERR_REPEAT, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_ERR_NOT_US, SEC_E_WRONG_PRINCIPAL, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_WRONG_PRINC, SEC_E_WRONG_PRINCIPAL, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_ERR_BADMATCH, SEC_E_INVALID_TOKEN, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_ERR_SKEW, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW},
    {KRB5KRB_AP_ERR_BADADDR, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_ERR_BADVERSION, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {KRB5KRB_AP_ERR_MSG_TYPE, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {KRB5KRB_AP_ERR_MODIFIED, SEC_E_WRONG_PRINCIPAL, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_ERR_BADORDER, SEC_E_OUT_OF_SEQUENCE, SEC_E_OUT_OF_SEQUENCE},
    {KRB5KRB_AP_ERR_BADSEQ, SEC_E_OUT_OF_SEQUENCE, SEC_E_OUT_OF_SEQUENCE},
    {KRB5KRB_AP_ERR_BADKEYVER, SEC_E_WRONG_PRINCIPAL, SEC_E_LOGON_DENIED},
    {KRB5_KT_KVNONOTFOUND, SEC_E_WRONG_PRINCIPAL, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_ERR_NOKEY, SEC_E_WRONG_PRINCIPAL, SEC_E_NO_KERB_KEY},
    {KRB5KRB_AP_ERR_MUT_FAIL, SEC_E_WRONG_PRINCIPAL, kByMajor},
    {KRB5_MUTUAL_FAILED, SEC_E_WRONG_PRINCIPAL, kByMajor},
    {KRB5KRB_AP_ERR_BADDIRECTION, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {KRB5KRB_AP_ERR_INAPP_CKSUM, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {KRB5KRB_AP_ERR_USER_TO_USER_REQUIRED, SEC_E_NO_TGT_REPLY, kByMajor},
    {KRB5KRB_ERR_GENERIC, SEC_E_INTERNAL_ERROR, SEC_E_INTERNAL_ERROR},
    {KRB5KRB_ERR_FIELD_TOOLONG, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},

    // What libkrb5 finds out by itself: ticket caches…
    {KRB5_CC_NOTFOUND, SEC_E_NO_CREDENTIALS, kByMajor},
    {KRB5_FCC_NOFILE, SEC_E_NO_CREDENTIALS, kByMajor},
    {kEmptyCache, SEC_E_NO_CREDENTIALS, kByMajor},
    {kTgtMissing, SEC_E_NO_CREDENTIALS, kByMajor},
    {kCacheNoMatch, SEC_E_NO_CREDENTIALS, kByMajor},
    {KRB5_FCC_PERM, SEC_E_NOT_OWNER, kByMajor},
    {KRB5_CC_FORMAT, SEC_E_UNKNOWN_CREDENTIALS, kByMajor},
    {KRB5_CC_BADNAME, SEC_E_UNKNOWN_CREDENTIALS, kByMajor},
    {KRB5_CC_UNKNOWN_TYPE, SEC_E_UNKNOWN_CREDENTIALS, kByMajor},
    {KRB5_CCACHE_BADVNO, SEC_E_UNKNOWN_CREDENTIALS, kByMajor},
    {KRB5_CC_NOT_KTYPE, SEC_E_NO_CREDENTIALS, kByMajor},
    {KRB5_KCC_INVALID_UID, SEC_E_NOT_OWNER, kByMajor},
    {KRB5_KCM_NO_SERVER, SEC_E_NO_CREDENTIALS, kByMajor},
    // … keytabs and replay caches …
    {KRB5_KT_NOTFOUND, kByMajor, SEC_E_LOGON_DENIED},
    {kKeytabNoMatch, kByMajor, SEC_E_LOGON_DENIED},
    {KRB5_KT_IOERR, kByMajor, SEC_E_NO_CREDENTIALS},
    {KRB5_KT_BADNAME, kByMajor, SEC_E_NO_CREDENTIALS},
    {KRB5_KT_UNKNOWN_TYPE, kByMajor, SEC_E_NO_CREDENTIALS},
    {KRB5_RC_REPLAY, kByMajor, SEC_E_LOGON_DENIED},
    {KRB5_RC_TYPE_EXISTS, kByMajor, SEC_E_INTERNAL_ERROR},
    {KRB5_RC_MALLOC, kByMajor, SEC_E_INTERNAL_ERROR},
    {KRB5_RC_TYPE_NOTFOUND, kByMajor, SEC_E_INTERNAL_ERROR},
    {KRB5_RC_UNKNOWN, kByMajor, SEC_E_INTERNAL_ERROR},
    {KRB5_RC_IO, kByMajor, SEC_E_INTERNAL_ERROR},
    {KRB5_RC_NOIO, kByMajor, SEC_E_INTERNAL_ERROR},
    {KRB5_RC_PARSE, kByMajor, SEC_E_INTERNAL_ERROR},
    {KRB5_RC_IO_EOF, kByMajor, SEC_E_INTERNAL_ERROR},
    {KRB5_RC_IO_MALLOC, kByMajor, SEC_E_INTERNAL_ERROR},
    {KRB5_RC_IO_PERM, kByMajor, SEC_E_INTERNAL_ERROR},
    {KRB5_RC_IO_IO, kByMajor, SEC_E_INTERNAL_ERROR},
    {KRB5_RC_IO_UNKNOWN, kByMajor, SEC_E_INTERNAL_ERROR},
    {KRB5_RC_IO_SPACE, kByMajor, SEC_E_INTERNAL_ERROR},
    // … realms and configuration …
    {KRB5_REALM_UNKNOWN, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},
    {KRB5_REALM_CANT_RESOLVE, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},
    {KRB5_KDC_UNREACH, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},
    {KRB5_ERR_HOST_REALM_UNKNOWN, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},
    // (the name of a KDC, for which no name server had an answer)
    {EAGAIN, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},
    {KRB5_CONFIG_NODEFREALM, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {KRB5_CONFIG_CANTOPEN, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {KRB5_CONFIG_BADFORMAT, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {KRB5_PARSE_MALFORMED, SEC_E_TARGET_UNKNOWN, SEC_E_UNKNOWN_CREDENTIALS},
    // … encryption types and the exchange with the KDC.
    {KRB5_PROG_ETYPE_NOSUPP, SEC_E_ALGORITHM_MISMATCH, SEC_E_ALGORITHM_MISMATCH},
    {KRB5_BAD_ENCTYPE, SEC_E_ALGORITHM_MISMATCH, SEC_E_ALGORITHM_MISMATCH},
    {KRB5_NOPERM_ETYPE, SEC_E_ALGORITHM_MISMATCH, SEC_E_ALGORITHM_MISMATCH},
    {kNoChecksumType, SEC_E_ALGORITHM_MISMATCH, SEC_E_ALGORITHM_MISMATCH},
    {KRB5_KDCREP_MODIFIED, SEC_E_INVALID_TOKEN, kByMajor},
    {KRB5_KDCREP_SKEW, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW},
    {KRB5_PREAUTH_FAILED, SEC_E_LOGON_DENIED, kByMajor},
    {KRB5_GET_IN_TKT_LOOP, SEC_E_MAX_REFERRALS_EXCEEDED, kByMajor},

    // What the Kerberos mechanism says of contexts and tokens.
    {kContextEstablished, SEC_E_UNSUPPORTED_FUNCTION, kByMajor},
    {kContextIncomplete, SEC_E_INVALID_HANDLE, SEC_E_INVALID_HANDLE},
    {kBadLength, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {kTokenTruncated, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {kBadTokenHeader, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {kWrongTokenId, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {ASN1_BAD_FORMAT, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},  // stands for all of ASN.1 (canonical)
    {kUnknownQop, SEC_E_QOP_NOT_SUPPORTED, SEC_E_QOP_NOT_SUPPORTED},
    {ENOMEM, SEC_E_INSUFFICIENT_MEMORY, SEC_E_INSUFFICIENT_MEMORY},
    {EINVAL, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER},

    // gss-ntlmssp: ERR_DECODE and so on, in its own order.
    {kNtlm + 1, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {kNtlm + 4, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER},
    {kNtlm + 5, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER},
    {kNtlm + 6, SEC_E_TARGET_UNKNOWN, SEC_E_TARGET_UNKNOWN},
    {kNtlm + 7, SEC_E_TARGET_UNKNOWN, SEC_E_TARGET_UNKNOWN},
    {kNtlm + 8, SEC_E_UNKNOWN_CREDENTIALS, SEC_E_UNKNOWN_CREDENTIALS},
    {kNtlm + 11, SEC_E_INVALID_HANDLE, SEC_E_INVALID_HANDLE},
    {kNtlm + 12, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {kNtlm + 13, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {kNtlm + 14, SEC_E_SECURITY_QOS_FAILED, SEC_E_UNSUPPORTED_FUNCTION},
    {kNtlm + 15, SEC_E_SECURITY_QOS_FAILED, SEC_E_UNSUPPORTED_FUNCTION},
    {kNtlm + 16, SEC_E_SECURITY_QOS_FAILED, SEC_E_UNSUPPORTED_FUNCTION},
    {kNtlm + 17, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS},
    {kNtlm + 18, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS},
    {kNtlm + 19, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS},
    {kNtlm + 20, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {kNtlm + 21, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION},
    {kNtlm + 22, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION},
    {kNtlm + 23, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER},
    {kNtlm + 24, SEC_E_BAD_BINDINGS, SEC_E_BAD_BINDINGS},
    {kNtlm + 25, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW},
    {kNtlm + 26, SEC_E_CONTEXT_EXPIRED, SEC_E_CONTEXT_EXPIRED},
    {kNtlm + 28, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED},
    {kNtlm + 29, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED},
};

// ---- Codes that mean something else in certain circumstances: asked before kRows, the first that holds counts ----

constexpr bool opens(Call call) { return call == Call::unwrap || call == Call::verify_mic; }

using Condition = bool (*)(Call, const Circumstances&);

bool acquiring(Call call, const Circumstances&) { return call == Call::acquire; }
bool opening(Call call, const Circumstances&) { return opens(call); }
bool wrapping(Call call, const Circumstances&) { return call == Call::wrap; }
bool accepting_ntlm(Call call, const Circumstances& c) { return call == Call::accept && c.ntlm; }
bool explicit_credentials(Call, const Circumstances& c) { return c.explicit_credentials; }
bool holding_a_tgt(Call, const Circumstances& c) { return c.has_tgt; }
bool for_any_user(Call, const Circumstances& c) { return c.on_behalf == OnBehalf::of_any_user; }
bool for_the_client(Call, const Circumstances& c) { return c.on_behalf == OnBehalf::of_client; }

/// Who asks for initial tickets misses no other service than the realm's own.
bool missing_the_realm(Call call, const Circumstances& c) {
  return call == Call::acquire || c.text.find(" krbtgt/") != std::string_view::npos;
}

struct Refinement {
  krb5_error_code minor;
  Condition holds;
  SECURITY_STATUS status;
};

constexpr Refinement kRefinements[] = {
    {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, explicit_credentials, SEC_E_LOGON_DENIED},
    {KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, missing_the_realm, SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {KRB5KDC_ERR_BADOPTION, for_any_user, SEC_E_NO_S4U_PROT_SUPPORT},
    {KRB5KDC_ERR_BADOPTION, for_the_client, SEC_E_DELEGATION_REQUIRED},
    {KRB5_TKT_NOT_FORWARDABLE, for_the_client, SEC_E_DELEGATION_REQUIRED},
    {KRB5_TKT_NOT_FORWARDABLE, for_any_user, SEC_E_DELEGATION_REQUIRED},
    // A wrong password of a principal without preauthentication: the KDC's reply cannot be decrypted.
    {KRB5KRB_AP_ERR_BAD_INTEGRITY, acquiring, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_ERR_BAD_INTEGRITY, opening, SEC_E_MESSAGE_ALTERED},
    {KRB5_CC_NOT_KTYPE, holding_a_tgt, SEC_E_ALGORITHM_MISMATCH},
    {KRB5_KT_NOTFOUND, acquiring, SEC_E_NO_CREDENTIALS},
    {kKeytabNoMatch, acquiring, SEC_E_NO_CREDENTIALS},
    {KRB5_PARSE_MALFORMED, acquiring, SEC_E_UNKNOWN_CREDENTIALS},
    {kBadDirection, opening, SEC_E_MESSAGE_ALTERED},  // our own message came back
    {kReflected, opening, SEC_E_MESSAGE_ALTERED},
    {KRB5_BAD_MSIZE, wrapping, SEC_E_BUFFER_TOO_SMALL},
    {EINVAL, wrapping, SEC_E_BUFFER_TOO_SMALL},    // RC4 and DES3 say so of a header that is too small
    {EINVAL, opening, SEC_E_INVALID_TOKEN},        // DCE style has no stream
    {EINVAL, accepting_ntlm, SEC_E_LOGON_DENIED},  // a wrong password
};

// ---- By major code ----

/// A cell that GSS-API does not produce.
constexpr SECURITY_STATUS kUnexpected = SEC_E_INTERNAL_ERROR;

struct MajorRow {
  OM_uint32 routine;
  SECURITY_STATUS acquire, initialize, accept, open, protect;
};

constexpr MajorRow kMajorRows[] = {
    {GSS_S_BAD_MECH, SEC_E_SECPKG_NOT_FOUND, SEC_E_SECPKG_NOT_FOUND, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN,
     SEC_E_INTERNAL_ERROR},
    {GSS_S_BAD_NAME, SEC_E_UNKNOWN_CREDENTIALS, SEC_E_TARGET_UNKNOWN, kUnexpected, kUnexpected, kUnexpected},
    {GSS_S_BAD_NAMETYPE, SEC_E_UNKNOWN_CREDENTIALS, SEC_E_TARGET_UNKNOWN, kUnexpected, kUnexpected, kUnexpected},
    {GSS_S_BAD_BINDINGS, kUnexpected, SEC_E_BAD_BINDINGS, SEC_E_BAD_BINDINGS, kUnexpected, kUnexpected},
    {GSS_S_BAD_SIG, kUnexpected, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, SEC_E_MESSAGE_ALTERED, kUnexpected},
    {GSS_S_NO_CRED, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, kUnexpected, kUnexpected},
    {GSS_S_NO_CONTEXT, kUnexpected, SEC_E_INVALID_HANDLE, SEC_E_INVALID_HANDLE, SEC_E_INVALID_HANDLE,
     SEC_E_INVALID_HANDLE},
    {GSS_S_DEFECTIVE_TOKEN, kUnexpected, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, kUnexpected},
    {GSS_S_DEFECTIVE_CREDENTIAL, SEC_E_UNKNOWN_CREDENTIALS, SEC_E_UNKNOWN_CREDENTIALS, SEC_E_UNKNOWN_CREDENTIALS,
     kUnexpected, kUnexpected},
    {GSS_S_CREDENTIALS_EXPIRED, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, kUnexpected,
     kUnexpected},
    {GSS_S_CONTEXT_EXPIRED, kUnexpected, SEC_E_CONTEXT_EXPIRED, SEC_E_CONTEXT_EXPIRED, SEC_E_CONTEXT_EXPIRED,
     SEC_E_CONTEXT_EXPIRED},
    {GSS_S_FAILURE, SEC_E_INTERNAL_ERROR, SEC_E_INTERNAL_ERROR, SEC_E_INTERNAL_ERROR, SEC_E_INTERNAL_ERROR,
     SEC_E_INTERNAL_ERROR},
    {GSS_S_BAD_QOP, kUnexpected, kUnexpected, kUnexpected, kUnexpected, SEC_E_QOP_NOT_SUPPORTED},
    {GSS_S_UNAUTHORIZED, SEC_E_NOT_OWNER, SEC_E_NOT_OWNER, SEC_E_LOGON_DENIED, kUnexpected, kUnexpected},
    {GSS_S_UNAVAILABLE, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION,
     SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION},
    // Calling errors alone: an argument was missing or unreadable. On acceptors and receivers that is the token.
    {GSS_S_COMPLETE, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN,
     SEC_E_INVALID_PARAMETER},
};

// ---- Reading the tables ----

/// MIT's ASN.1 codes, 0x6EDA36xx, differ only for those who debug the encoding.
krb5_error_code canonical(krb5_error_code minor) {
  constexpr std::uint32_t kAsn1 = 0x6EDA3600;
  return (static_cast<std::uint32_t>(minor) & 0xFFFFFF00) == kAsn1 ? krb5_error_code{ASN1_BAD_FORMAT} : minor;
}

SECURITY_STATUS cell(const Row& row, Call call) {
  switch (call) {
    case Call::acquire:
      return row.client != kByMajor ? row.client : row.server;
    case Call::initialize:
      return row.client;
    case Call::accept:
      return row.server;
    default:  // messages go both ways: only what both sides agree on
      return row.client == row.server ? row.client : kByMajor;
  }
}

SECURITY_STATUS cell(const MajorRow& row, Call call) {
  switch (call) {
    case Call::acquire:
      return row.acquire;
    case Call::initialize:
      return row.initialize;
    case Call::accept:
      return row.accept;
    default:
      return opens(call) ? row.open : row.protect;
  }
}

SECURITY_STATUS by_minor(Call call, krb5_error_code minor, const Circumstances& c) {
  for (const Refinement& refined : kRefinements)
    if (refined.minor == minor && refined.holds(call, c)) return refined.status;
  for (const Row& row : kRows)
    if (row.minor == minor) return cell(row, call);
  return kByMajor;
}

SECURITY_STATUS by_major(Call call, OM_uint32 major, const Circumstances& c) {
  const OM_uint32 routine = GSS_ROUTINE_ERROR(major);
  if (routine == GSS_S_FAILURE && accepting_ntlm(call, c)) return SEC_E_LOGON_DENIED;
  const auto* row = std::find_if(std::begin(kMajorRows), std::end(kMajorRows),
                                 [&](const MajorRow& r) { return r.routine == routine; });
  return row == std::end(kMajorRows) ? kUnexpected : cell(*row, call);
}

SECURITY_STATUS of_success(Call call, OM_uint32 major) {
  constexpr OM_uint32 kOutOfSequence = GSS_S_DUPLICATE_TOKEN | GSS_S_OLD_TOKEN | GSS_S_UNSEQ_TOKEN | GSS_S_GAP_TOKEN;
  if (opens(call)) return major & kOutOfSequence ? SEC_E_OUT_OF_SEQUENCE : SEC_E_OK;
  return major & GSS_S_CONTINUE_NEEDED ? SEC_I_CONTINUE_NEEDED : SEC_E_OK;
}

// ---- Tokens of messages ----

/// RFC 4121 4.2.6: no message token is shorter than its header.
constexpr std::size_t kShortestToken = 16;

/// RFC 2743 3.1: 60 length 06 09 OID, then an RFC 1964 token. Returns that token, or all where there is no framing.
std::span<const std::byte> without_framing(std::span<const std::byte> token) {
  constexpr std::byte kApplicationTag{0x60}, kLongLength{0x80};
  constexpr std::size_t kOidWithTag = 2 + 9;
  if (token.size() < 2 || token[0] != kApplicationTag) return token;
  const bool is_long = (token[1] & kLongLength) != std::byte{0};
  const std::size_t length_octets = is_long ? std::to_integer<std::size_t>(token[1] & ~kLongLength) : 0;
  return token.subspan(std::min(token.size(), 2 + length_octets + kOidWithTag));
}

/// Whether the token is, by its identifier, what `call` takes: of RFC 4121 or of RFC 1964.
bool is_token_for(Call call, std::span<const std::byte> token) {
  using Id = std::array<std::byte, 2>;
  constexpr Id kWrap{std::byte{5}, std::byte{4}}, kMic{std::byte{4}, std::byte{4}};
  constexpr Id kOldWrap{std::byte{2}, std::byte{1}}, kOldMic{std::byte{1}, std::byte{1}};
  const std::span<const std::byte> inner = without_framing(token);
  if (token.size() < kShortestToken || inner.size() < 2) return false;
  const Id id{inner[0], inner[1]};
  return call == Call::unwrap ? id == kWrap || id == kOldWrap : id == kMic || id == kOldMic;
}

/// What MIT's codes for unreadable messages do not tell apart: cut off, altered, or no such message at all.
std::optional<SECURITY_STATUS> by_token(Call call, OM_uint32 routine, krb5_error_code minor, const Circumstances& c) {
  const bool defective = routine == GSS_S_DEFECTIVE_TOKEN;
  const bool wrong_length = minor == KRB5_BAD_MSIZE && (defective || routine == GSS_S_BAD_SIG);
  if (!defective && !wrong_length) return std::nullopt;
  // MIT tells the length of RFC 1964's signatures only from that of their framing.
  if (call == Call::verify_mic && (wrong_length || is_token_for(call, c.token)))
    return c.token.size() < c.nominal_token ? SEC_E_INVALID_TOKEN : SEC_E_MESSAGE_ALTERED;
  if (call == Call::unwrap && c.token.size() < kShortestToken)
    return c.stream ? SEC_E_INCOMPLETE_MESSAGE : SEC_E_INVALID_TOKEN;
  if (wrong_length) return c.stream ? SEC_E_INCOMPLETE_MESSAGE : SEC_E_MESSAGE_ALTERED;
  return is_token_for(call, c.token) ? SEC_E_MESSAGE_ALTERED : SEC_E_INVALID_TOKEN;
}

}  // namespace

bool is_renumbered(OM_uint32 minor) {
  // The mechglue counts up from here, once per code of a second mechanism; those have some hundreds of codes.
  constexpr OM_uint32 kFirst = 100'001, kBeyond = 1'000'000;
  return minor >= kFirst && minor < kBeyond;
}

SECURITY_STATUS status_of(Call call, OM_uint32 major, OM_uint32 minor, const Circumstances& c) {
  if (!GSS_ERROR(major)) return of_success(call, major);
  const krb5_error_code told = canonical(is_renumbered(minor) ? minor_in(c.text) : static_cast<krb5_error_code>(minor));
  if (opens(call))
    if (const auto status = by_token(call, GSS_ROUTINE_ERROR(major), told, c)) return *status;
  const SECURITY_STATUS status = by_minor(call, told, c);
  return status != kByMajor ? status : by_major(call, major, c);
}

SECURITY_STATUS krb5_status(Call call, krb5_error_code code, const Circumstances& circumstances) {
  return code == 0 ? SEC_E_OK : status_of(call, GSS_S_FAILURE, static_cast<OM_uint32>(code), circumstances);
}

}  // namespace sspid::worker::gss
