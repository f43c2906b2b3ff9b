// The functions that are exported but do nothing here, each with its reason. The reason is what SspiGetLastErrorText
// tells the caller, and what tools/generate-function-table prints into docs/functions.md: a function leaves that list
// by leaving this file.

#include <string_view>

#include "include/sspi.h"
#include "last_error.h"

namespace {

// "Not yet" means that later versions will do it; the others are about what a Linux system has no counterpart for.
constexpr std::string_view kSasl = "not yet: the SASL layer over security contexts is missing";
constexpr std::string_view kNameFormats = "not yet: names are not translated between formats";
constexpr std::string_view kObsolete = "obsolete on Windows too: ISC_REQ_DELEGATE is how a client delegates";
constexpr std::string_view kMechanisms = "packages are the GSS-API mechanisms that the system has installed";
constexpr std::string_view kCredentialManager = "there is no Credential Manager on this system";
constexpr std::string_view kDialogue = "there is no credential dialogue on this system";

SECURITY_STATUS unsupported(std::string_view reason) { return sspi::failed(SEC_E_UNSUPPORTED_FUNCTION, reason); }

ULONG unsupported_win32(std::string_view reason) {
  sspi::failed(SEC_E_UNSUPPORTED_FUNCTION, reason);
  return ERROR_NOT_SUPPORTED;
}

BOOLEAN no(std::string_view reason) {
  sspi::failed(SEC_E_UNSUPPORTED_FUNCTION, reason);
  return 0;
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

// ---- SASL

SECURITY_STATUS SaslEnumerateProfilesW(LPWSTR*, ULONG*) { return unsupported(kSasl); }

SECURITY_STATUS SaslEnumerateProfilesA(LPSTR*, ULONG*) { return unsupported(kSasl); }

SECURITY_STATUS SaslGetProfilePackageW(LPWSTR, PSecPkgInfoW*) { return unsupported(kSasl); }

SECURITY_STATUS SaslGetProfilePackageA(LPSTR, PSecPkgInfoA*) { return unsupported(kSasl); }

SECURITY_STATUS SaslIdentifyPackageW(PSecBufferDesc, PSecPkgInfoW*) { return unsupported(kSasl); }

SECURITY_STATUS SaslIdentifyPackageA(PSecBufferDesc, PSecPkgInfoA*) { return unsupported(kSasl); }

SECURITY_STATUS SaslInitializeSecurityContextW(PCredHandle, PCtxtHandle, LPWSTR, ULONG, ULONG, ULONG, PSecBufferDesc,
                                               ULONG, PCtxtHandle, PSecBufferDesc, ULONG*, PTimeStamp) {
  return unsupported(kSasl);
}

SECURITY_STATUS SaslInitializeSecurityContextA(PCredHandle, PCtxtHandle, LPSTR, ULONG, ULONG, ULONG, PSecBufferDesc,
                                               ULONG, PCtxtHandle, PSecBufferDesc, ULONG*, PTimeStamp) {
  return unsupported(kSasl);
}

SECURITY_STATUS SaslAcceptSecurityContext(PCredHandle, PCtxtHandle, PSecBufferDesc, ULONG, ULONG, PCtxtHandle,
                                          PSecBufferDesc, ULONG*, PTimeStamp) {
  return unsupported(kSasl);
}

SECURITY_STATUS SaslSetContextOption(PCtxtHandle, ULONG, PVOID, ULONG) { return unsupported(kSasl); }

SECURITY_STATUS SaslGetContextOption(PCtxtHandle, ULONG, PVOID, ULONG, PULONG) { return unsupported(kSasl); }

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

// ---- Names

BOOLEAN GetUserNameExW(EXTENDED_NAME_FORMAT, LPWSTR, PULONG) { return no(kNameFormats); }

BOOLEAN GetUserNameExA(EXTENDED_NAME_FORMAT, LPSTR, PULONG) { return no(kNameFormats); }

BOOLEAN GetComputerObjectNameW(EXTENDED_NAME_FORMAT, LPWSTR, PULONG) { return no(kNameFormats); }

BOOLEAN GetComputerObjectNameA(EXTENDED_NAME_FORMAT, LPSTR, PULONG) { return no(kNameFormats); }

BOOLEAN TranslateNameW(LPCWSTR, EXTENDED_NAME_FORMAT, EXTENDED_NAME_FORMAT, LPWSTR, PULONG) { return no(kNameFormats); }

BOOLEAN TranslateNameA(LPCSTR, EXTENDED_NAME_FORMAT, EXTENDED_NAME_FORMAT, LPSTR, PULONG) { return no(kNameFormats); }
