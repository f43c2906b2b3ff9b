// The functions that are exported but do nothing here, each with its reason. The reason is what SspiGetLastErrorText
// tells the caller, and what tools/generate-function-table prints into docs/functions.md: a function leaves that list
// by leaving this file.

#include <string_view>

#include "include/sspi.h"
#include "last_error.h"

namespace {

// "Not yet" means that later versions will do it; the others are about what a Linux system has no counterpart for.
constexpr std::string_view kObsolete = "obsolete on Windows too: ISC_REQ_DELEGATE is how a client delegates";
constexpr std::string_view kMechanisms = "packages are the GSS-API mechanisms that the system has installed";
constexpr std::string_view kCredentialManager = "there is no Credential Manager on this system";
constexpr std::string_view kDialogue = "there is no credential dialogue on this system";

SECURITY_STATUS unsupported(std::string_view reason) { return sspi::failed(SEC_E_UNSUPPORTED_FUNCTION, reason); }

ULONG unsupported_win32(std::string_view reason) {
  sspi::failed(SEC_E_UNSUPPORTED_FUNCTION, reason);
  return ERROR_NOT_SUPPORTED;
}

}  // namespace

// ---- Credentials and contexts

SECURITY_STATUS DelegateSecurityContext(PCtxtHandle, SEC_CHAR*, SecDelegationType, PTimeStamp, PSecBuffer,
                                        PSecBufferDesc) {
  return unsupported(kObsolete);
}

// ---- Packages

SECURITY_STATUS AddSecurityPackageW(LPWSTR, PSECURITY_PACKAGE_OPTIONS) { return unsupported(kMechanisms); }

SECURITY_STATUS AddSecurityPackageA(LPSTR, PSECURITY_PACKAGE_OPTIONS) { return unsupported(kMechanisms); }

SECURITY_STATUS DeleteSecurityPackageW(SEC_WCHAR*) { return unsupported(kMechanisms); }

SECURITY_STATUS DeleteSecurityPackageA(SEC_CHAR*) { return unsupported(kMechanisms); }

// ---- What a desktop offers

SECURITY_STATUS SspiPrepareForCredRead(PSEC_WINNT_AUTH_IDENTITY_OPAQUE, PCWSTR, PULONG, PCWSTR*) {
  return unsupported(kCredentialManager);
}

SECURITY_STATUS SspiPrepareForCredWrite(PSEC_WINNT_AUTH_IDENTITY_OPAQUE, PCWSTR, PULONG, PCWSTR*, PCWSTR*, PUCHAR*,
                                        PULONG) {
  return unsupported(kCredentialManager);
}

ULONG SspiPromptForCredentialsW(PCWSTR, PVOID, ULONG, PCWSTR, PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
                                PSEC_WINNT_AUTH_IDENTITY_OPAQUE*, int*, ULONG) {
  return unsupported_win32(kDialogue);
}

ULONG SspiPromptForCredentialsA(PCSTR, PVOID, ULONG, PCSTR, PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
                                PSEC_WINNT_AUTH_IDENTITY_OPAQUE*, int*, ULONG) {
  return unsupported_win32(kDialogue);
}

SECURITY_STATUS SspiGetCredUIContext(HANDLE, GUID*, LUID*, PSEC_WINNT_CREDUI_CONTEXT_VECTOR*, HANDLE*) {
  return unsupported(kDialogue);
}

SECURITY_STATUS SspiUpdateCredentials(HANDLE, GUID*, ULONG, PUCHAR) { return unsupported(kDialogue); }

SECURITY_STATUS SspiUnmarshalCredUIContext(PUCHAR, ULONG, PSEC_WINNT_CREDUI_CONTEXT*) { return unsupported(kDialogue); }
