#include "daemon/worker/status_name.h"

#include <array>
#include <string_view>

namespace sspid::worker {

namespace {

struct Named {
  SECURITY_STATUS status;
  std::string_view name;
};

// Of two names for one number the one that callers compare with.
#define SSPID_STATUS(name) \
  Named { name, #name }
constexpr std::array kNames = {SSPID_STATUS(SEC_E_OK),
                               SSPID_STATUS(SEC_E_INSUFFICIENT_MEMORY),
                               SSPID_STATUS(SEC_E_INVALID_HANDLE),
                               SSPID_STATUS(SEC_E_UNSUPPORTED_FUNCTION),
                               SSPID_STATUS(SEC_E_TARGET_UNKNOWN),
                               SSPID_STATUS(SEC_E_INTERNAL_ERROR),
                               SSPID_STATUS(SEC_E_SECPKG_NOT_FOUND),
                               SSPID_STATUS(SEC_E_NOT_OWNER),
                               SSPID_STATUS(SEC_E_CANNOT_INSTALL),
                               SSPID_STATUS(SEC_E_INVALID_TOKEN),
                               SSPID_STATUS(SEC_E_CANNOT_PACK),
                               SSPID_STATUS(SEC_E_QOP_NOT_SUPPORTED),
                               SSPID_STATUS(SEC_E_NO_IMPERSONATION),
                               SSPID_STATUS(SEC_E_LOGON_DENIED),
                               SSPID_STATUS(SEC_E_UNKNOWN_CREDENTIALS),
                               SSPID_STATUS(SEC_E_NO_CREDENTIALS),
                               SSPID_STATUS(SEC_E_MESSAGE_ALTERED),
                               SSPID_STATUS(SEC_E_OUT_OF_SEQUENCE),
                               SSPID_STATUS(SEC_E_NO_AUTHENTICATING_AUTHORITY),
                               SSPID_STATUS(SEC_I_CONTINUE_NEEDED),
                               SSPID_STATUS(SEC_I_COMPLETE_NEEDED),
                               SSPID_STATUS(SEC_I_COMPLETE_AND_CONTINUE),
                               SSPID_STATUS(SEC_I_LOCAL_LOGON),
                               SSPID_STATUS(SEC_I_GENERIC_EXTENSION_RECEIVED),
                               SSPID_STATUS(SEC_E_BAD_PKGID),
                               SSPID_STATUS(SEC_I_CONTEXT_EXPIRED),
                               SSPID_STATUS(SEC_E_CONTEXT_EXPIRED),
                               SSPID_STATUS(SEC_E_INCOMPLETE_MESSAGE),
                               SSPID_STATUS(SEC_I_INCOMPLETE_CREDENTIALS),
                               SSPID_STATUS(SEC_E_INCOMPLETE_CREDENTIALS),
                               SSPID_STATUS(SEC_I_RENEGOTIATE),
                               SSPID_STATUS(SEC_E_BUFFER_TOO_SMALL),
                               SSPID_STATUS(SEC_E_WRONG_PRINCIPAL),
                               SSPID_STATUS(SEC_I_NO_LSA_CONTEXT),
                               SSPID_STATUS(SEC_E_TIME_SKEW),
                               SSPID_STATUS(SEC_E_UNTRUSTED_ROOT),
                               SSPID_STATUS(SEC_E_ILLEGAL_MESSAGE),
                               SSPID_STATUS(SEC_E_CERT_UNKNOWN),
                               SSPID_STATUS(SEC_E_CERT_EXPIRED),
                               SSPID_STATUS(SEC_E_ENCRYPT_FAILURE),
                               SSPID_STATUS(SEC_E_DECRYPT_FAILURE),
                               SSPID_STATUS(SEC_E_ALGORITHM_MISMATCH),
                               SSPID_STATUS(SEC_E_SECURITY_QOS_FAILED),
                               SSPID_STATUS(SEC_E_UNFINISHED_CONTEXT_DELETED),
                               SSPID_STATUS(SEC_E_NO_TGT_REPLY),
                               SSPID_STATUS(SEC_E_NO_IP_ADDRESSES),
                               SSPID_STATUS(SEC_E_WRONG_CREDENTIAL_HANDLE),
                               SSPID_STATUS(SEC_E_CRYPTO_SYSTEM_INVALID),
                               SSPID_STATUS(SEC_E_MAX_REFERRALS_EXCEEDED),
                               SSPID_STATUS(SEC_E_MUST_BE_KDC),
                               SSPID_STATUS(SEC_E_STRONG_CRYPTO_NOT_SUPPORTED),
                               SSPID_STATUS(SEC_E_TOO_MANY_PRINCIPALS),
                               SSPID_STATUS(SEC_E_NO_PA_DATA),
                               SSPID_STATUS(SEC_E_PKINIT_NAME_MISMATCH),
                               SSPID_STATUS(SEC_E_SMARTCARD_LOGON_REQUIRED),
                               SSPID_STATUS(SEC_E_SHUTDOWN_IN_PROGRESS),
                               SSPID_STATUS(SEC_E_KDC_INVALID_REQUEST),
                               SSPID_STATUS(SEC_E_KDC_UNABLE_TO_REFER),
                               SSPID_STATUS(SEC_E_KDC_UNKNOWN_ETYPE),
                               SSPID_STATUS(SEC_E_UNSUPPORTED_PREAUTH),
                               SSPID_STATUS(SEC_E_DELEGATION_REQUIRED),
                               SSPID_STATUS(SEC_E_BAD_BINDINGS),
                               SSPID_STATUS(SEC_E_MULTIPLE_ACCOUNTS),
                               SSPID_STATUS(SEC_E_NO_KERB_KEY),
                               SSPID_STATUS(SEC_E_CERT_WRONG_USAGE),
                               SSPID_STATUS(SEC_E_DOWNGRADE_DETECTED),
                               SSPID_STATUS(SEC_E_SMARTCARD_CERT_REVOKED),
                               SSPID_STATUS(SEC_E_ISSUING_CA_UNTRUSTED),
                               SSPID_STATUS(SEC_E_REVOCATION_OFFLINE_C),
                               SSPID_STATUS(SEC_E_PKINIT_CLIENT_FAILURE),
                               SSPID_STATUS(SEC_E_SMARTCARD_CERT_EXPIRED),
                               SSPID_STATUS(SEC_E_NO_S4U_PROT_SUPPORT),
                               SSPID_STATUS(SEC_E_CROSSREALM_DELEGATION_FAILURE),
                               SSPID_STATUS(SEC_E_REVOCATION_OFFLINE_KDC),
                               SSPID_STATUS(SEC_E_ISSUING_CA_UNTRUSTED_KDC),
                               SSPID_STATUS(SEC_E_KDC_CERT_EXPIRED),
                               SSPID_STATUS(SEC_E_KDC_CERT_REVOKED),
                               SSPID_STATUS(SEC_I_SIGNATURE_NEEDED),
                               SSPID_STATUS(SEC_E_INVALID_PARAMETER),
                               SSPID_STATUS(SEC_E_DELEGATION_POLICY),
                               SSPID_STATUS(SEC_E_POLICY_NLTM_ONLY),
                               SSPID_STATUS(SEC_I_NO_RENEGOTIATION),
                               SSPID_STATUS(SEC_E_NO_CONTEXT),
                               SSPID_STATUS(SEC_E_PKU2U_CERT_FAILURE),
                               SSPID_STATUS(SEC_E_MUTUAL_AUTH_FAILED),
                               SSPID_STATUS(SEC_I_MESSAGE_FRAGMENT),
                               SSPID_STATUS(SEC_E_ONLY_HTTPS_ALLOWED),
                               SSPID_STATUS(SEC_I_CONTINUE_NEEDED_MESSAGE_OK),
                               SSPID_STATUS(SEC_E_APPLICATION_PROTOCOL_MISMATCH),
                               SSPID_STATUS(SEC_I_ASYNC_CALL_PENDING),
                               SSPID_STATUS(SEC_E_INVALID_UPN_NAME),
                               SSPID_STATUS(SEC_E_EXT_BUFFER_TOO_SMALL),
                               SSPID_STATUS(SEC_E_INSUFFICIENT_BUFFERS)};
#undef SSPID_STATUS

}  // namespace

std::string name_of_status(SECURITY_STATUS status) {
  for (const Named& named : kNames)
    if (named.status == status) return std::string(named.name);
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[(static_cast<std::uint32_t>(status) >> shift) & 15];
  return text;
}

}  // namespace sspid::worker
