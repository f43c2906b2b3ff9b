// Every row of the mapping from GSS-API to SSPI, written down a second time: the tables in status.cpp and these must
// agree.
#include "daemon/worker/gss/status.h"

#include <cerrno>
#include <vector>

#include <gtest/gtest.h>

namespace sspid::worker::gss {
namespace {

constexpr OM_uint32 minor(long code) { return static_cast<OM_uint32>(static_cast<krb5_error_code>(code)); }

// ---- The major code decides ----

constexpr SECURITY_STATUS kNever = 1;  // the call cannot fail so

struct MajorCase {
  const char* name;
  OM_uint32 major;
  SECURITY_STATUS acquire, initialize, accept, open, protect;
};

const MajorCase kMajorCases[] = {
    {"BAD_MECH", GSS_S_BAD_MECH, SEC_E_SECPKG_NOT_FOUND, SEC_E_SECPKG_NOT_FOUND, SEC_E_INVALID_TOKEN,
     SEC_E_INVALID_TOKEN, SEC_E_INTERNAL_ERROR},
    {"BAD_NAME", GSS_S_BAD_NAME, SEC_E_UNKNOWN_CREDENTIALS, SEC_E_TARGET_UNKNOWN, kNever, kNever, kNever},
    {"BAD_NAMETYPE", GSS_S_BAD_NAMETYPE, SEC_E_UNKNOWN_CREDENTIALS, SEC_E_TARGET_UNKNOWN, kNever, kNever, kNever},
    {"BAD_BINDINGS", GSS_S_BAD_BINDINGS, kNever, SEC_E_BAD_BINDINGS, SEC_E_BAD_BINDINGS, kNever, kNever},
    {"BAD_SIG", GSS_S_BAD_SIG, kNever, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, SEC_E_MESSAGE_ALTERED, kNever},
    {"NO_CRED", GSS_S_NO_CRED, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, kNever, kNever},
    {"NO_CONTEXT", GSS_S_NO_CONTEXT, kNever, SEC_E_INVALID_HANDLE, SEC_E_INVALID_HANDLE, SEC_E_INVALID_HANDLE,
     SEC_E_INVALID_HANDLE},
    {"DEFECTIVE_TOKEN", GSS_S_DEFECTIVE_TOKEN, kNever, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN,
     kNever},
    {"DEFECTIVE_CREDENTIAL", GSS_S_DEFECTIVE_CREDENTIAL, SEC_E_UNKNOWN_CREDENTIALS, SEC_E_UNKNOWN_CREDENTIALS,
     SEC_E_UNKNOWN_CREDENTIALS, kNever, kNever},
    {"CREDENTIALS_EXPIRED", GSS_S_CREDENTIALS_EXPIRED, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS,
     kNever, kNever},
    {"CONTEXT_EXPIRED", GSS_S_CONTEXT_EXPIRED, kNever, SEC_E_CONTEXT_EXPIRED, SEC_E_CONTEXT_EXPIRED,
     SEC_E_CONTEXT_EXPIRED, SEC_E_CONTEXT_EXPIRED},
    {"FAILURE", GSS_S_FAILURE, SEC_E_INTERNAL_ERROR, SEC_E_INTERNAL_ERROR, SEC_E_INTERNAL_ERROR, SEC_E_INTERNAL_ERROR,
     SEC_E_INTERNAL_ERROR},
    {"BAD_QOP", GSS_S_BAD_QOP, kNever, kNever, kNever, kNever, SEC_E_QOP_NOT_SUPPORTED},
    {"UNAUTHORIZED", GSS_S_UNAUTHORIZED, SEC_E_NOT_OWNER, SEC_E_NOT_OWNER, SEC_E_LOGON_DENIED, kNever, kNever},
    {"UNAVAILABLE", GSS_S_UNAVAILABLE, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION,
     SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION},
    {"INACCESSIBLE_READ", GSS_S_CALL_INACCESSIBLE_READ, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER,
     SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, SEC_E_INVALID_PARAMETER},
    {"INACCESSIBLE_WRITE", GSS_S_CALL_INACCESSIBLE_WRITE, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER,
     SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN, SEC_E_INVALID_PARAMETER},
    {"BAD_STRUCTURE", GSS_S_CALL_BAD_STRUCTURE, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_TOKEN,
     SEC_E_INVALID_TOKEN, SEC_E_INVALID_PARAMETER},
};

void expect_for(Call call, const MajorCase& row, SECURITY_STATUS expected) {
  if (expected == kNever) expected = SEC_E_INTERNAL_ERROR;
  EXPECT_EQ(status_of(call, row.major, 0, {}), expected) << row.name << ", call " << static_cast<int>(call);
}

TEST(StatusOfMajor, AgreesWithEveryRow) {
  for (const MajorCase& row : kMajorCases) {
    expect_for(Call::acquire, row, row.acquire);
    expect_for(Call::initialize, row, row.initialize);
    expect_for(Call::accept, row, row.accept);
    for (const Call call : {Call::unwrap, Call::verify_mic}) expect_for(call, row, row.open);
    for (const Call call : {Call::wrap, Call::get_mic}) expect_for(call, row, row.protect);
  }
}

TEST(StatusOfMajor, MissingTargetIsUnknown) {
  EXPECT_EQ(status_of(Call::initialize, GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME, 0, {}), SEC_E_TARGET_UNKNOWN);
}

TEST(StatusOfMajor, NtlmServerCallsAnyFailureALogonDenied) {
  EXPECT_EQ(status_of(Call::accept, GSS_S_FAILURE, 0, {.ntlm = true}), SEC_E_LOGON_DENIED);
  EXPECT_EQ(status_of(Call::initialize, GSS_S_FAILURE, 0, {.ntlm = true}), SEC_E_INTERNAL_ERROR);
}

TEST(StatusOfMajor, SuccessIsOkOrGoesOn) {
  for (const Call call :
       {Call::acquire, Call::initialize, Call::accept, Call::wrap, Call::unwrap, Call::get_mic, Call::verify_mic})
    EXPECT_EQ(status_of(call, GSS_S_COMPLETE, 0, {}), SEC_E_OK);
  EXPECT_EQ(status_of(Call::initialize, GSS_S_CONTINUE_NEEDED, 0, {}), SEC_I_CONTINUE_NEEDED);
  EXPECT_EQ(status_of(Call::accept, GSS_S_CONTINUE_NEEDED, 0, {}), SEC_I_CONTINUE_NEEDED);
}

TEST(StatusOfMajor, OpenedOutOfSequenceIsRefused) {
  for (const OM_uint32 bit : {GSS_S_DUPLICATE_TOKEN, GSS_S_OLD_TOKEN, GSS_S_UNSEQ_TOKEN, GSS_S_GAP_TOKEN})
    for (const Call call : {Call::unwrap, Call::verify_mic}) {
      EXPECT_EQ(status_of(call, bit, 0, {}), SEC_E_OUT_OF_SEQUENCE);
      // Through SPNEGO even success carries a renumbered minor.
      EXPECT_EQ(status_of(call, bit, 100001, {}), SEC_E_OUT_OF_SEQUENCE);
    }
}

// ---- The minor code decides ----

// A major code whose own answer no row below gives, so that a row which is missing shows.
constexpr OM_uint32 kSilent = GSS_S_CONTEXT_EXPIRED;
constexpr SECURITY_STATUS kSilentStatus = SEC_E_CONTEXT_EXPIRED;
constexpr SECURITY_STATUS kByMajor = kSilentStatus;

struct MinorCase {
  long code;
  SECURITY_STATUS client, server;
};

const std::vector<MinorCase> kMinorCases = {
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
    {KRB5KRB_AP_ERR_USER_TO_USER_REQUIRED, SEC_E_NO_TGT_REPLY, kByMajor},
    {KRB5KDC_ERR_SVC_UNAVAILABLE, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},
    {KRB5KRB_AP_ERR_BAD_INTEGRITY, SEC_E_WRONG_PRINCIPAL, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_ERR_TKT_EXPIRED, SEC_E_NO_CREDENTIALS, SEC_E_CONTEXT_EXPIRED},
    {KRB5KRB_AP_ERR_TKT_NYV, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW},
    {KRB5KRB_AP_ERR_REPEAT, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_ERR_NOT_US, SEC_E_WRONG_PRINCIPAL, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_WRONG_PRINC, SEC_E_WRONG_PRINCIPAL, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_ERR_BADMATCH, SEC_E_INVALID_TOKEN, SEC_E_LOGON_DENIED},
    {KRB5KRB_AP_ERR_SKEW, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW},
    {KRB5_KDCREP_SKEW, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW},
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
    {KRB5KRB_ERR_GENERIC, SEC_E_INTERNAL_ERROR, SEC_E_INTERNAL_ERROR},
    {KRB5KRB_ERR_FIELD_TOOLONG, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {KRB5KDC_ERR_WRONG_REALM, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},
    {KRB5_CC_NOTFOUND, SEC_E_NO_CREDENTIALS, kByMajor},
    {KRB5_FCC_NOFILE, SEC_E_NO_CREDENTIALS, kByMajor},
    {39756044, SEC_E_NO_CREDENTIALS, kByMajor},  // KG_EMPTY_CCACHE
    {39756034, SEC_E_NO_CREDENTIALS, kByMajor},  // KG_TGT_MISSING
    {39756032, SEC_E_NO_CREDENTIALS, kByMajor},  // KG_CCACHE_NOMATCH
    {KRB5_FCC_PERM, SEC_E_NOT_OWNER, kByMajor},
    {KRB5_CC_FORMAT, SEC_E_UNKNOWN_CREDENTIALS, kByMajor},
    {KRB5_CC_BADNAME, SEC_E_UNKNOWN_CREDENTIALS, kByMajor},
    {KRB5_CC_UNKNOWN_TYPE, SEC_E_UNKNOWN_CREDENTIALS, kByMajor},
    {KRB5_CCACHE_BADVNO, SEC_E_UNKNOWN_CREDENTIALS, kByMajor},
    {KRB5_CC_NOT_KTYPE, SEC_E_NO_CREDENTIALS, kByMajor},
    {KRB5_KCC_INVALID_UID, SEC_E_NOT_OWNER, kByMajor},
    {KRB5_KCM_NO_SERVER, SEC_E_NO_CREDENTIALS, kByMajor},
    {KRB5_KT_NOTFOUND, kByMajor, SEC_E_LOGON_DENIED},
    {39756033, kByMajor, SEC_E_LOGON_DENIED},  // KG_KEYTAB_NOMATCH
    {KRB5_KT_IOERR, kByMajor, SEC_E_NO_CREDENTIALS},
    {KRB5_KT_BADNAME, kByMajor, SEC_E_NO_CREDENTIALS},
    {KRB5_KT_UNKNOWN_TYPE, kByMajor, SEC_E_NO_CREDENTIALS},
    {KRB5_REALM_UNKNOWN, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},
    {KRB5_REALM_CANT_RESOLVE, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},
    {KRB5_KDC_UNREACH, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},
    {KRB5_ERR_HOST_REALM_UNKNOWN, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},
    {EAGAIN, SEC_E_NO_AUTHENTICATING_AUTHORITY, kByMajor},
    {KRB5_CONFIG_NODEFREALM, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {KRB5_CONFIG_CANTOPEN, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {KRB5_CONFIG_BADFORMAT, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {KRB5_PARSE_MALFORMED, SEC_E_TARGET_UNKNOWN, SEC_E_UNKNOWN_CREDENTIALS},
    {KRB5_PROG_ETYPE_NOSUPP, SEC_E_ALGORITHM_MISMATCH, SEC_E_ALGORITHM_MISMATCH},
    {KRB5_BAD_ENCTYPE, SEC_E_ALGORITHM_MISMATCH, SEC_E_ALGORITHM_MISMATCH},
    {KRB5_NOPERM_ETYPE, SEC_E_ALGORITHM_MISMATCH, SEC_E_ALGORITHM_MISMATCH},
    {39756045, SEC_E_ALGORITHM_MISMATCH, SEC_E_ALGORITHM_MISMATCH},  // KG_NO_CTYPES
    {KRB5_KDCREP_MODIFIED, SEC_E_INVALID_TOKEN, kByMajor},
    {KRB5_PREAUTH_FAILED, SEC_E_LOGON_DENIED, kByMajor},
    {KRB5_GET_IN_TKT_LOOP, SEC_E_MAX_REFERRALS_EXCEEDED, kByMajor},
    {KRB5_TKT_NOT_FORWARDABLE, kByMajor, kByMajor},                   // only when acting for somebody, below
    {39756036, SEC_E_UNSUPPORTED_FUNCTION, kByMajor},                 // KG_CONTEXT_ESTABLISHED
    {39756039, SEC_E_INVALID_HANDLE, SEC_E_INVALID_HANDLE},           // KG_CTX_INCOMPLETE
    {39756038, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},             // KG_BAD_LENGTH
    {-2045022962, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},          // G_TOK_TRUNC
    {-2045022964, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},          // G_BAD_TOK_HEADER
    {-2045022960, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},          // G_WRONG_TOKID
    {-2045022968, SEC_E_QOP_NOT_SUPPORTED, SEC_E_QOP_NOT_SUPPORTED},  // G_UNKNOWN_QOP
    {ENOMEM, SEC_E_INSUFFICIENT_MEMORY, SEC_E_INSUFFICIENT_MEMORY},
    {EINVAL, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER},
};

TEST(StatusOfMinor, AgreesWithEveryRow) {
  for (const MinorCase& row : kMinorCases) {
    EXPECT_EQ(status_of(Call::initialize, kSilent, minor(row.code), {}), row.client) << row.code;
    EXPECT_EQ(status_of(Call::accept, kSilent, minor(row.code), {}), row.server) << row.code;
  }
}

TEST(StatusOfMinor, KnowsAllOfAsn1) {
  for (long code = ASN1_BAD_TIMEFORMAT; code <= ASN1_OMITTED; ++code)
    for (const Call call : {Call::initialize, Call::accept})
      EXPECT_EQ(status_of(call, kSilent, minor(code), {}), SEC_E_INVALID_TOKEN) << code;
}

TEST(StatusOfMinor, BlamesTheServerForItsReplayCache) {
  for (const long code : {KRB5_RC_TYPE_EXISTS, KRB5_RC_MALLOC, KRB5_RC_TYPE_NOTFOUND, KRB5_RC_UNKNOWN, KRB5_RC_IO,
                          KRB5_RC_NOIO, KRB5_RC_PARSE, KRB5_RC_IO_EOF, KRB5_RC_IO_MALLOC, KRB5_RC_IO_PERM,
                          KRB5_RC_IO_IO, KRB5_RC_IO_UNKNOWN, KRB5_RC_IO_SPACE})
    EXPECT_EQ(status_of(Call::accept, kSilent, minor(code), {}), SEC_E_INTERNAL_ERROR) << code;
  EXPECT_EQ(status_of(Call::accept, kSilent, minor(KRB5_RC_REPLAY), {}), SEC_E_LOGON_DENIED);
}

struct NtlmCase {
  long offset;
  SECURITY_STATUS client, server;
};

const NtlmCase kNtlmCases[] = {
    {1, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {4, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER},
    {5, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER},
    {6, SEC_E_TARGET_UNKNOWN, SEC_E_TARGET_UNKNOWN},
    {7, SEC_E_TARGET_UNKNOWN, SEC_E_TARGET_UNKNOWN},
    {8, SEC_E_UNKNOWN_CREDENTIALS, SEC_E_UNKNOWN_CREDENTIALS},
    {11, SEC_E_INVALID_HANDLE, SEC_E_INVALID_HANDLE},
    {12, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {13, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {14, SEC_E_SECURITY_QOS_FAILED, SEC_E_UNSUPPORTED_FUNCTION},
    {15, SEC_E_SECURITY_QOS_FAILED, SEC_E_UNSUPPORTED_FUNCTION},
    {16, SEC_E_SECURITY_QOS_FAILED, SEC_E_UNSUPPORTED_FUNCTION},
    {17, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS},
    {18, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS},
    {19, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS},
    {20, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {21, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION},
    {22, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION},
    {23, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER},
    {24, SEC_E_BAD_BINDINGS, SEC_E_BAD_BINDINGS},
    {25, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW},
    {26, SEC_E_CONTEXT_EXPIRED, SEC_E_CONTEXT_EXPIRED},
    {28, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED},
    {29, SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED},
};

TEST(StatusOfMinor, AgreesWithEveryRowOfNtlm) {
  for (const NtlmCase& row : kNtlmCases) {
    const OM_uint32 code = minor(0x4E540000 + row.offset);
    EXPECT_EQ(status_of(Call::initialize, GSS_S_FAILURE, code, {.ntlm = true}), row.client) << row.offset;
    EXPECT_EQ(status_of(Call::accept, GSS_S_FAILURE, code, {.ntlm = true}), row.server) << row.offset;
  }
}

// ---- Circumstances decide ----

SECURITY_STATUS initiating(long code, const Circumstances& circumstances) {
  return status_of(Call::initialize, GSS_S_FAILURE, minor(code), circumstances);
}

TEST(StatusOfCircumstances, UnknownClientIsDeniedOnlyWithCredentialsOfItsOwn) {
  EXPECT_EQ(initiating(KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, {.explicit_credentials = true}), SEC_E_LOGON_DENIED);
  EXPECT_EQ(initiating(KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, {.explicit_credentials = false}), SEC_E_NO_CREDENTIALS);
}

TEST(StatusOfCircumstances, MissingTicketGrantingServiceIsAMissingRealm) {
  EXPECT_EQ(initiating(KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN,
                       {.text = "Server krbtgt/NOWHERE.TEST@EXAMPLE.TEST not found in Kerberos database"}),
            SEC_E_NO_AUTHENTICATING_AUTHORITY);
  EXPECT_EQ(initiating(KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN,
                       {.text = "Server HTTP/nosuch@EXAMPLE.TEST not found in Kerberos database"}),
            SEC_E_TARGET_UNKNOWN);
}

TEST(StatusOfCircumstances, RefusedDelegationTellsItsKind) {
  EXPECT_EQ(initiating(KRB5KDC_ERR_BADOPTION, {.on_behalf = OnBehalf::of_any_user}), SEC_E_NO_S4U_PROT_SUPPORT);
  EXPECT_EQ(initiating(KRB5KDC_ERR_BADOPTION, {.on_behalf = OnBehalf::of_client}), SEC_E_DELEGATION_REQUIRED);
  EXPECT_EQ(initiating(KRB5_TKT_NOT_FORWARDABLE, {.on_behalf = OnBehalf::of_any_user}), SEC_E_DELEGATION_REQUIRED);
  EXPECT_EQ(initiating(KRB5_TKT_NOT_FORWARDABLE, {.on_behalf = OnBehalf::of_client}), SEC_E_DELEGATION_REQUIRED);
}

TEST(StatusOfCircumstances, TicketsOfOtherEncryptionTypesAreAMismatch) {
  EXPECT_EQ(initiating(KRB5_CC_NOT_KTYPE, {.has_tgt = true}), SEC_E_ALGORITHM_MISMATCH);
  EXPECT_EQ(initiating(KRB5_CC_NOT_KTYPE, {.has_tgt = false}), SEC_E_NO_CREDENTIALS);
}

TEST(StatusOfCircumstances, PasswordThatDecryptsNothingIsWrong) {
  EXPECT_EQ(krb5_status(Call::acquire, KRB5KRB_AP_ERR_BAD_INTEGRITY, {.explicit_credentials = true}),
            SEC_E_LOGON_DENIED);
}

TEST(StatusOfCircumstances, AcquiringWithoutKeysHasNoCredentials) {
  EXPECT_EQ(status_of(Call::acquire, GSS_S_NO_CRED, minor(KRB5_KT_NOTFOUND), {}), SEC_E_NO_CREDENTIALS);
  EXPECT_EQ(status_of(Call::acquire, GSS_S_NO_CRED, minor(39756033), {}), SEC_E_NO_CREDENTIALS);
  for (const long code : {KRB5_KT_IOERR, KRB5_KT_BADNAME, KRB5_KT_UNKNOWN_TYPE})
    EXPECT_EQ(status_of(Call::acquire, GSS_S_FAILURE, minor(code), {}), SEC_E_NO_CREDENTIALS);
}

TEST(StatusOfCircumstances, AcquiringUnderAMalformedNameIsUnknownCredentials) {
  EXPECT_EQ(status_of(Call::acquire, GSS_S_FAILURE, minor(KRB5_PARSE_MALFORMED), {}), SEC_E_UNKNOWN_CREDENTIALS);
}

TEST(StatusOfCircumstances, NtlmServerReportsAWrongPasswordAsInvalid) {
  EXPECT_EQ(status_of(Call::accept, GSS_S_FAILURE, EINVAL, {.ntlm = true}), SEC_E_LOGON_DENIED);
  EXPECT_EQ(status_of(Call::accept, GSS_S_FAILURE, EINVAL, {.ntlm = false}), SEC_E_INVALID_PARAMETER);
}

TEST(StatusOfKrb5, TakesCodesOfTheLibraryItself) {
  EXPECT_EQ(krb5_status(Call::acquire, 0), SEC_E_OK);
  EXPECT_EQ(krb5_status(Call::acquire, KRB5KDC_ERR_PREAUTH_FAILED), SEC_E_LOGON_DENIED);
  EXPECT_EQ(krb5_status(Call::acquire, KRB5_KDC_UNREACH), SEC_E_NO_AUTHENTICATING_AUTHORITY);
  EXPECT_EQ(krb5_status(Call::acquire, KRB5_CC_END), SEC_E_INTERNAL_ERROR);
}

// ---- Renumbered minor codes ----

TEST(StatusOfRenumbered, TellsTheMechgluesNumbersFromOthers) {
  EXPECT_TRUE(is_renumbered(100001));
  EXPECT_TRUE(is_renumbered(100250));
  for (const long code : {0L, static_cast<long>(EINVAL), 100000L, 39756032L, 0x4E540001L, 1859794440L,
                          static_cast<long>(KRB5_KDC_UNREACH), -2045022960L})
    EXPECT_FALSE(is_renumbered(minor(code))) << code;
}

TEST(StatusOfRenumbered, JudgesByTheTextThen) {
  EXPECT_EQ(status_of(Call::accept, GSS_S_FAILURE, 100001, {.text = "Unspecified GSS failure: Request is a replay"}),
            SEC_E_LOGON_DENIED);
  EXPECT_EQ(status_of(Call::accept, GSS_S_FAILURE, 100002, {.text = "Clock skew too great"}), SEC_E_TIME_SKEW);
}

TEST(StatusOfRenumbered, JudgesByTheMajorCodeWhereTheTextIsUnknown) {
  EXPECT_EQ(status_of(Call::accept, GSS_S_DEFECTIVE_TOKEN, 100001, {.text = "Sonderbarer Fehler"}),
            SEC_E_INVALID_TOKEN);
  EXPECT_EQ(status_of(Call::accept, GSS_S_FAILURE, 100001, {}), SEC_E_INTERNAL_ERROR);
}

// ---- Messages ----

std::vector<std::byte> bytes(std::initializer_list<int> values, std::size_t length) {
  std::vector<std::byte> out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  out.resize(length);
  return out;
}

const std::vector<std::byte> kWrap = bytes({5, 4, 6, 0xFF}, 60);
const std::vector<std::byte> kMic = bytes({4, 4, 4, 0xFF}, 28);
const std::vector<std::byte> kRc4Wrap =
    bytes({0x60, 0x2B, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2, 2, 1}, 45);
const std::vector<std::byte> kRc4LongWrap =
    bytes({0x60, 0x82, 1, 0x2B, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2, 2, 1}, 47);
const std::vector<std::byte> kRc4Mic = bytes({0x60, 0x23, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2, 1, 1}, 37);
const std::vector<std::byte> kNoise = bytes({0xDE, 0xAD}, 60);
const std::vector<std::byte> kShort = bytes({5, 4, 6}, 15);

SECURITY_STATUS unwrapping(OM_uint32 major, long code, const std::vector<std::byte>& token, bool stream = false) {
  return status_of(Call::unwrap, major, minor(code), {.token = token, .stream = stream});
}

SECURITY_STATUS verifying(OM_uint32 major, long code, const std::vector<std::byte>& token, std::size_t nominal = 28) {
  return status_of(Call::verify_mic, major, minor(code), {.token = token, .nominal_token = nominal});
}

TEST(StatusOfMessage, ChangedBodyIsAltered) {
  EXPECT_EQ(unwrapping(GSS_S_BAD_SIG, KRB5KRB_AP_ERR_BAD_INTEGRITY, kWrap), SEC_E_MESSAGE_ALTERED);
  EXPECT_EQ(unwrapping(GSS_S_BAD_SIG, KRB5KRB_AP_ERR_BAD_INTEGRITY, kWrap, true), SEC_E_MESSAGE_ALTERED);
  EXPECT_EQ(verifying(GSS_S_BAD_SIG, KRB5KRB_AP_ERR_BAD_INTEGRITY, kMic), SEC_E_MESSAGE_ALTERED);
}

TEST(StatusOfMessage, ChangedHeaderIsAlteredWhileItIsRecognised) {
  for (const auto& token : {kWrap, kRc4Wrap, kRc4LongWrap})
    EXPECT_EQ(unwrapping(GSS_S_DEFECTIVE_TOKEN, 0, token), SEC_E_MESSAGE_ALTERED);
  for (const auto& token : {kMic, kRc4Mic})
    EXPECT_EQ(verifying(GSS_S_DEFECTIVE_TOKEN, 0, token), SEC_E_MESSAGE_ALTERED);
}

TEST(StatusOfMessage, OtherThingsAreNoTokens) {
  EXPECT_EQ(unwrapping(GSS_S_DEFECTIVE_TOKEN, 0, kNoise), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(unwrapping(GSS_S_DEFECTIVE_TOKEN, 0, kMic), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(verifying(GSS_S_DEFECTIVE_TOKEN, 0, kWrap), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(verifying(GSS_S_DEFECTIVE_TOKEN, 0, kRc4Wrap, 37), SEC_E_INVALID_TOKEN);
}

TEST(StatusOfMessage, TokenShorterThanAHeaderIsInvalidOrIncomplete) {
  EXPECT_EQ(unwrapping(GSS_S_DEFECTIVE_TOKEN, 0, kShort, false), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(unwrapping(GSS_S_DEFECTIVE_TOKEN, 0, kShort, true), SEC_E_INCOMPLETE_MESSAGE);
  EXPECT_EQ(verifying(GSS_S_DEFECTIVE_TOKEN, 0, bytes({4, 4}, 15)), SEC_E_INVALID_TOKEN);
}

TEST(StatusOfMessage, WrongLengthIsIncompleteOnlyForStreams) {
  for (const OM_uint32 major : {GSS_S_BAD_SIG, GSS_S_DEFECTIVE_TOKEN}) {
    EXPECT_EQ(unwrapping(major, KRB5_BAD_MSIZE, kWrap, true), SEC_E_INCOMPLETE_MESSAGE);
    EXPECT_EQ(unwrapping(major, KRB5_BAD_MSIZE, kWrap, false), SEC_E_MESSAGE_ALTERED);
  }
}

TEST(StatusOfMessage, SignatureOfWrongLengthIsInvalidOrAltered) {
  for (const OM_uint32 major : {GSS_S_BAD_SIG, GSS_S_DEFECTIVE_TOKEN}) {
    EXPECT_EQ(verifying(major, KRB5_BAD_MSIZE, bytes({4, 4}, 27)), SEC_E_INVALID_TOKEN);
    EXPECT_EQ(verifying(major, KRB5_BAD_MSIZE, bytes({4, 4}, 29)), SEC_E_MESSAGE_ALTERED);
  }
}

TEST(StatusOfMessage, OwnMessageComingBackIsAltered) {
  for (const long code : {-2045022963L, -2045022961L}) {  // G_BAD_DIRECTION, G_REFLECT
    EXPECT_EQ(unwrapping(GSS_S_BAD_SIG, code, kWrap), SEC_E_MESSAGE_ALTERED);
    EXPECT_EQ(verifying(GSS_S_BAD_SIG, code, kMic), SEC_E_MESSAGE_ALTERED);
  }
}

TEST(StatusOfMessage, TooLittleRoomForAHeaderIsABufferTooSmall) {
  EXPECT_EQ(status_of(Call::wrap, GSS_S_FAILURE, minor(KRB5_BAD_MSIZE), {}), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(status_of(Call::wrap, GSS_S_FAILURE, EINVAL, {}), SEC_E_BUFFER_TOO_SMALL);
}

TEST(StatusOfMessage, DceStyleHasNoStreams) {
  EXPECT_EQ(unwrapping(GSS_S_FAILURE, EINVAL, kWrap, true), SEC_E_INVALID_TOKEN);
}

TEST(StatusOfMessage, IncompleteContextsProtectNothing) {
  for (const Call call : {Call::wrap, Call::unwrap, Call::get_mic, Call::verify_mic})
    EXPECT_EQ(status_of(call, GSS_S_NO_CONTEXT, minor(39756039), {}), SEC_E_INVALID_HANDLE);
}

// Truncations of framing must not be read beyond.
TEST(StatusOfMessage, ReadsFramingWithinItsBounds) {
  for (std::size_t length = 0; length <= kRc4LongWrap.size(); ++length) {
    const std::vector<std::byte> cut(kRc4LongWrap.begin(), kRc4LongWrap.begin() + static_cast<std::ptrdiff_t>(length));
    const SECURITY_STATUS expected = length < 17 ? SEC_E_INVALID_TOKEN : SEC_E_MESSAGE_ALTERED;
    EXPECT_EQ(unwrapping(GSS_S_DEFECTIVE_TOKEN, 0, cut), expected) << length;
  }
  EXPECT_EQ(unwrapping(GSS_S_DEFECTIVE_TOKEN, 0, bytes({0x60, 0xFF}, 64)), SEC_E_INVALID_TOKEN);
}

}  // namespace
}  // namespace sspid::worker::gss
