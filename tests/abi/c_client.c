/*
 * A program in C that knows only the headers and the shared library: it names every exported function, and the loader
 * must find each under that name. Compiled as C99 and as C++11.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "sspi.h"
#include "sspi_ext.h"

typedef void (*AnyFunction)(void);

struct Export {
  const char* name;
  AnyFunction function;
};

/* One line per function of the headers; symbols.py compares. */
#define EXPORT(function) \
  { #function, (AnyFunction)function }
static const struct Export exports[] = {
    EXPORT(AcquireCredentialsHandleW),
    EXPORT(AcquireCredentialsHandleA),
    EXPORT(FreeCredentialsHandle),
    EXPORT(AddCredentialsW),
    EXPORT(AddCredentialsA),
    EXPORT(QueryCredentialsAttributesW),
    EXPORT(QueryCredentialsAttributesA),
    EXPORT(QueryCredentialsAttributesExW),
    EXPORT(QueryCredentialsAttributesExA),
    EXPORT(SetCredentialsAttributesW),
    EXPORT(SetCredentialsAttributesA),
    EXPORT(InitializeSecurityContextW),
    EXPORT(InitializeSecurityContextA),
    EXPORT(AcceptSecurityContext),
    EXPORT(CloseHandle),
    EXPORT(CompleteAuthToken),
    EXPORT(DeleteSecurityContext),
    EXPORT(ApplyControlToken),
    EXPORT(DelegateSecurityContext),
    EXPORT(QueryContextAttributesW),
    EXPORT(QueryContextAttributesA),
    EXPORT(QueryContextAttributesExW),
    EXPORT(QueryContextAttributesExA),
    EXPORT(SetContextAttributesW),
    EXPORT(SetContextAttributesA),
    EXPORT(MakeSignature),
    EXPORT(VerifySignature),
    EXPORT(EncryptMessage),
    EXPORT(DecryptMessage),
    EXPORT(SealMessage),
    EXPORT(UnsealMessage),
    EXPORT(EnumerateSecurityPackagesW),
    EXPORT(EnumerateSecurityPackagesA),
    EXPORT(QuerySecurityPackageInfoW),
    EXPORT(QuerySecurityPackageInfoA),
    EXPORT(FreeContextBuffer),
    EXPORT(AddSecurityPackageW),
    EXPORT(AddSecurityPackageA),
    EXPORT(DeleteSecurityPackageW),
    EXPORT(DeleteSecurityPackageA),
    EXPORT(ImpersonateSecurityContext),
    EXPORT(RevertSecurityContext),
    EXPORT(QuerySecurityContextToken),
    EXPORT(ExportSecurityContext),
    EXPORT(ImportSecurityContextW),
    EXPORT(ImportSecurityContextA),
    EXPORT(ChangeAccountPasswordW),
    EXPORT(ChangeAccountPasswordA),
    EXPORT(SaslEnumerateProfilesW),
    EXPORT(SaslEnumerateProfilesA),
    EXPORT(SaslGetProfilePackageW),
    EXPORT(SaslGetProfilePackageA),
    EXPORT(SaslIdentifyPackageW),
    EXPORT(SaslIdentifyPackageA),
    EXPORT(SaslInitializeSecurityContextW),
    EXPORT(SaslInitializeSecurityContextA),
    EXPORT(SaslAcceptSecurityContext),
    EXPORT(SaslSetContextOption),
    EXPORT(SaslGetContextOption),
    EXPORT(SspiEncodeStringsAsAuthIdentity),
    EXPORT(SspiEncodeAuthIdentityAsStrings),
    EXPORT(SspiValidateAuthIdentity),
    EXPORT(SspiCopyAuthIdentity),
    EXPORT(SspiFreeAuthIdentity),
    EXPORT(SspiZeroAuthIdentity),
    EXPORT(SspiLocalFree),
    EXPORT(SspiCompareAuthIdentities),
    EXPORT(SspiMarshalAuthIdentity),
    EXPORT(SspiUnmarshalAuthIdentity),
    EXPORT(SspiEncryptAuthIdentity),
    EXPORT(SspiEncryptAuthIdentityEx),
    EXPORT(SspiDecryptAuthIdentity),
    EXPORT(SspiDecryptAuthIdentityEx),
    EXPORT(SspiImpersonateNetworkOnly),
    EXPORT(SspiIsAuthIdentityEncrypted),
    EXPORT(SspiExcludePackage),
    EXPORT(SspiGetTargetHostName),
    EXPORT(SspiQueryTokenInformation),
    EXPORT(SspiSetChannelBindingFlags),
    EXPORT(SspiPrepareForCredRead),
    EXPORT(SspiPrepareForCredWrite),
    EXPORT(SspiPromptForCredentialsW),
    EXPORT(SspiPromptForCredentialsA),
    EXPORT(SspiIsPromptingNeeded),
    EXPORT(SspiGetCredUIContext),
    EXPORT(SspiUpdateCredentials),
    EXPORT(SspiUnmarshalCredUIContext),
    EXPORT(GetUserNameExW),
    EXPORT(GetUserNameExA),
    EXPORT(GetComputerObjectNameW),
    EXPORT(GetComputerObjectNameA),
    EXPORT(TranslateNameW),
    EXPORT(TranslateNameA),
    EXPORT(InitSecurityInterfaceW),
    EXPORT(InitSecurityInterfaceA),
    EXPORT(SspiAcquireCredentialsForUserW),
    EXPORT(SspiAcquireCredentialsForUserA),
    EXPORT(SspiGetLastErrorText),
    EXPORT(SspiAcceptSecurityContextAsync),
    EXPORT(SspiAcquireCredentialsHandleAsyncA),
    EXPORT(SspiAcquireCredentialsHandleAsyncW),
    EXPORT(SspiAsyncContextRequiresNotify),
    EXPORT(SspiCancelAsyncCall),
    EXPORT(SspiCreateAsyncContext),
    EXPORT(SspiDecryptMessageAsync),
    EXPORT(SspiDeleteSecurityContextAsync),
    EXPORT(SspiDispatchAsyncCall),
    EXPORT(SspiEncryptMessageAsync),
    EXPORT(SspiFreeAsyncContext),
    EXPORT(SspiFreeCredentialsHandleAsync),
    EXPORT(SspiGetAsyncCallStatus),
    EXPORT(SspiGetAsyncDescriptor),
    EXPORT(SspiInitializeSecurityContextAsyncA),
    EXPORT(SspiInitializeSecurityContextAsyncW),
    EXPORT(SspiMakeSignatureAsync),
    EXPORT(SspiReinitAsyncContext),
    EXPORT(SspiSetAsyncNotifyCallback),
    EXPORT(SspiVerifySignatureAsync),
};
#define EXPORTS (sizeof exports / sizeof exports[0])

/* Each status is a constant expression and differs from all others. */
static const char* status_name(SECURITY_STATUS status) {
  switch (status) {
#define STATUS(name) \
  case name:         \
    return #name
    STATUS(SEC_E_OK);
    STATUS(SEC_E_INSUFFICIENT_MEMORY);
    STATUS(SEC_E_INVALID_HANDLE);
    STATUS(SEC_E_UNSUPPORTED_FUNCTION);
    STATUS(SEC_E_TARGET_UNKNOWN);
    STATUS(SEC_E_INTERNAL_ERROR);
    STATUS(SEC_E_SECPKG_NOT_FOUND);
    STATUS(SEC_E_NOT_OWNER);
    STATUS(SEC_E_CANNOT_INSTALL);
    STATUS(SEC_E_INVALID_TOKEN);
    STATUS(SEC_E_CANNOT_PACK);
    STATUS(SEC_E_QOP_NOT_SUPPORTED);
    STATUS(SEC_E_NO_IMPERSONATION);
    STATUS(SEC_E_LOGON_DENIED);
    STATUS(SEC_E_UNKNOWN_CREDENTIALS);
    STATUS(SEC_E_NO_CREDENTIALS);
    STATUS(SEC_E_MESSAGE_ALTERED);
    STATUS(SEC_E_OUT_OF_SEQUENCE);
    STATUS(SEC_E_NO_AUTHENTICATING_AUTHORITY);
    STATUS(SEC_I_CONTINUE_NEEDED);
    STATUS(SEC_I_COMPLETE_NEEDED);
    STATUS(SEC_I_COMPLETE_AND_CONTINUE);
    STATUS(SEC_I_LOCAL_LOGON);
    STATUS(SEC_I_GENERIC_EXTENSION_RECEIVED);
    STATUS(SEC_E_BAD_PKGID);
    STATUS(SEC_I_CONTEXT_EXPIRED);
    STATUS(SEC_E_CONTEXT_EXPIRED);
    STATUS(SEC_E_INCOMPLETE_MESSAGE);
    STATUS(SEC_I_INCOMPLETE_CREDENTIALS);
    STATUS(SEC_E_INCOMPLETE_CREDENTIALS);
    STATUS(SEC_I_RENEGOTIATE);
    STATUS(SEC_E_BUFFER_TOO_SMALL);
    STATUS(SEC_E_WRONG_PRINCIPAL);
    STATUS(SEC_I_NO_LSA_CONTEXT);
    STATUS(SEC_E_TIME_SKEW);
    STATUS(SEC_E_UNTRUSTED_ROOT);
    STATUS(SEC_E_ILLEGAL_MESSAGE);
    STATUS(SEC_E_CERT_UNKNOWN);
    STATUS(SEC_E_CERT_EXPIRED);
    STATUS(SEC_E_ENCRYPT_FAILURE);
    STATUS(SEC_E_DECRYPT_FAILURE);
    STATUS(SEC_E_ALGORITHM_MISMATCH);
    STATUS(SEC_E_SECURITY_QOS_FAILED);
    STATUS(SEC_E_UNFINISHED_CONTEXT_DELETED);
    STATUS(SEC_E_NO_TGT_REPLY);
    STATUS(SEC_E_NO_IP_ADDRESSES);
    STATUS(SEC_E_WRONG_CREDENTIAL_HANDLE);
    STATUS(SEC_E_CRYPTO_SYSTEM_INVALID);
    STATUS(SEC_E_MAX_REFERRALS_EXCEEDED);
    STATUS(SEC_E_MUST_BE_KDC);
    STATUS(SEC_E_STRONG_CRYPTO_NOT_SUPPORTED);
    STATUS(SEC_E_TOO_MANY_PRINCIPALS);
    STATUS(SEC_E_NO_PA_DATA);
    STATUS(SEC_E_PKINIT_NAME_MISMATCH);
    STATUS(SEC_E_SMARTCARD_LOGON_REQUIRED);
    STATUS(SEC_E_SHUTDOWN_IN_PROGRESS);
    STATUS(SEC_E_KDC_INVALID_REQUEST);
    STATUS(SEC_E_KDC_UNABLE_TO_REFER);
    STATUS(SEC_E_KDC_UNKNOWN_ETYPE);
    STATUS(SEC_E_UNSUPPORTED_PREAUTH);
    STATUS(SEC_E_DELEGATION_REQUIRED);
    STATUS(SEC_E_BAD_BINDINGS);
    STATUS(SEC_E_MULTIPLE_ACCOUNTS);
    STATUS(SEC_E_NO_KERB_KEY);
    STATUS(SEC_E_CERT_WRONG_USAGE);
    STATUS(SEC_E_DOWNGRADE_DETECTED);
    STATUS(SEC_E_SMARTCARD_CERT_REVOKED);
    STATUS(SEC_E_ISSUING_CA_UNTRUSTED);
    STATUS(SEC_E_REVOCATION_OFFLINE_C);
    STATUS(SEC_E_PKINIT_CLIENT_FAILURE);
    STATUS(SEC_E_SMARTCARD_CERT_EXPIRED);
    STATUS(SEC_E_NO_S4U_PROT_SUPPORT);
    STATUS(SEC_E_CROSSREALM_DELEGATION_FAILURE);
    STATUS(SEC_E_REVOCATION_OFFLINE_KDC);
    STATUS(SEC_E_ISSUING_CA_UNTRUSTED_KDC);
    STATUS(SEC_E_KDC_CERT_EXPIRED);
    STATUS(SEC_E_KDC_CERT_REVOKED);
    STATUS(SEC_I_SIGNATURE_NEEDED);
    STATUS(SEC_E_INVALID_PARAMETER);
    STATUS(SEC_E_DELEGATION_POLICY);
    STATUS(SEC_E_POLICY_NLTM_ONLY);
    STATUS(SEC_I_NO_RENEGOTIATION);
    STATUS(SEC_E_NO_CONTEXT);
    STATUS(SEC_E_PKU2U_CERT_FAILURE);
    STATUS(SEC_E_MUTUAL_AUTH_FAILED);
    STATUS(SEC_I_MESSAGE_FRAGMENT);
    STATUS(SEC_E_ONLY_HTTPS_ALLOWED);
    STATUS(SEC_I_CONTINUE_NEEDED_MESSAGE_OK);
    STATUS(SEC_E_APPLICATION_PROTOCOL_MISMATCH);
    STATUS(SEC_I_ASYNC_CALL_PENDING);
    STATUS(SEC_E_INVALID_UPN_NAME);
    STATUS(SEC_E_EXT_BUFFER_TOO_SMALL);
    STATUS(SEC_E_INSUFFICIENT_BUFFERS);
    default:
      return "?";
  }
}

struct StatusText {
  SECURITY_STATUS status;
  const char* name;
};
static const struct StatusText some_statuses[] = {
    {SEC_E_OK, "SEC_E_OK"},
    {SEC_E_LOGON_DENIED, "SEC_E_LOGON_DENIED"},
    {SEC_E_BUFFER_TOO_SMALL, "SEC_E_BUFFER_TOO_SMALL"},
    {SEC_I_CONTINUE_NEEDED, "SEC_I_CONTINUE_NEEDED"},
};

static int unknown_to_the_loader(void) {
  int failures = 0;
  size_t i;
  for (i = 0; i < EXPORTS; ++i) {
    const void* found = dlsym(RTLD_DEFAULT, exports[i].name);
    /* POSIX lets a function's address pass through a data pointer; the languages need the detour over bytes. */
    if (!found || memcmp(&found, &exports[i].function, sizeof found) != 0) {
      fprintf(stderr, "%s is not what the loader finds under this name\n", exports[i].name);
      ++failures;
    }
  }
  return failures;
}

static int misnamed_statuses(void) {
  int failures = 0;
  size_t i;
  for (i = 0; i < sizeof some_statuses / sizeof some_statuses[0]; ++i)
    if (strcmp(status_name(some_statuses[i].status), some_statuses[i].name) != 0) {
      fprintf(stderr, "%s is named %s\n", some_statuses[i].name, status_name(some_statuses[i].status));
      ++failures;
    }
  return failures;
}

static int wrong_handles(void) {
  CredHandle handle;
  SecInvalidateHandle(&handle);
  if (SecIsValidHandle(&handle) || handle.dwLower != (ULONG_PTR)-1 || handle.dwUpper != (ULONG_PTR)-1) return 1;
  handle.dwLower = 0;
  if (SecIsValidHandle(&handle)) return 1; /* one word of -1 is enough to be invalid */
  handle.dwUpper = 0;
  return !SecIsValidHandle(&handle);
}

static int wrong_names(void) {
  static const char kerberos[] = MICROSOFT_KERBEROS_NAME_A;
  const SEC_WCHAR* wide = MICROSOFT_KERBEROS_NAME_W;
  size_t i;
  for (i = 0; i < sizeof kerberos; ++i)
    if (wide[i] != (SEC_WCHAR)kerberos[i]) return 1;
  return 0;
}

int main(void) {
  int failures = unknown_to_the_loader() + misnamed_statuses();
  if (wrong_handles()) fprintf(stderr, "SecInvalidateHandle and SecIsValidHandle disagree\n"), ++failures;
  if (wrong_names()) fprintf(stderr, "the wide package names are not UTF-16\n"), ++failures;
  if (strcmp(SspiGetLastErrorText(), "") != 0) fprintf(stderr, "there is an error text before any call\n"), ++failures;
  return failures != 0;
}
