/*
 * What is not supported says so, by its status and in words, and survives NULL for every pointer. symbols.py compares
 * the functions called here with those of calls/unsupported.cpp.
 */
#include <stdio.h>
#include <string.h>

#include "sspi.h"
#include "sspi_ext.h"

static int failures;

static void expect(int holds, const char* call) {
  if (!holds) {
    fprintf(stderr, "wrong answer: %s\n", call);
    ++failures;
  }
  if (strcmp(SspiGetLastErrorText(), "") == 0) {
    fprintf(stderr, "no reason given: %s\n", call);
    ++failures;
  }
}

#define UNSUPPORTED(call) expect(call == SEC_E_UNSUPPORTED_FUNCTION, #call)
#define UNSUPPORTED_WIN32(call) expect(call == ERROR_NOT_SUPPORTED, #call)
#define NO(call) expect(call == 0, #call)

int main(void) {
  UNSUPPORTED(DelegateSecurityContext(NULL, NULL, SecFull, NULL, NULL, NULL));
  UNSUPPORTED(AddSecurityPackageW(NULL, NULL));
  UNSUPPORTED(AddSecurityPackageA(NULL, NULL));
  UNSUPPORTED(DeleteSecurityPackageW(NULL));
  UNSUPPORTED(DeleteSecurityPackageA(NULL));
  UNSUPPORTED(SaslEnumerateProfilesW(NULL, NULL));
  UNSUPPORTED(SaslEnumerateProfilesA(NULL, NULL));
  UNSUPPORTED(SaslGetProfilePackageW(NULL, NULL));
  UNSUPPORTED(SaslGetProfilePackageA(NULL, NULL));
  UNSUPPORTED(SaslIdentifyPackageW(NULL, NULL));
  UNSUPPORTED(SaslIdentifyPackageA(NULL, NULL));
  UNSUPPORTED(SaslInitializeSecurityContextW(NULL, NULL, NULL, 0, 0, 0, NULL, 0, NULL, NULL, NULL, NULL));
  UNSUPPORTED(SaslInitializeSecurityContextA(NULL, NULL, NULL, 0, 0, 0, NULL, 0, NULL, NULL, NULL, NULL));
  UNSUPPORTED(SaslAcceptSecurityContext(NULL, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL));
  UNSUPPORTED(SaslSetContextOption(NULL, 0, NULL, 0));
  UNSUPPORTED(SaslGetContextOption(NULL, 0, NULL, 0, NULL));
  UNSUPPORTED(SspiPrepareForCredRead(NULL, NULL, NULL, NULL));
  UNSUPPORTED(SspiPrepareForCredWrite(NULL, NULL, NULL, NULL, NULL, NULL, NULL));
  UNSUPPORTED_WIN32(SspiPromptForCredentialsW(NULL, NULL, 0, NULL, NULL, NULL, NULL, 0));
  UNSUPPORTED_WIN32(SspiPromptForCredentialsA(NULL, NULL, 0, NULL, NULL, NULL, NULL, 0));
  UNSUPPORTED(SspiGetCredUIContext(NULL, NULL, NULL, NULL, NULL));
  UNSUPPORTED(SspiUpdateCredentials(NULL, NULL, 0, NULL));
  UNSUPPORTED(SspiUnmarshalCredUIContext(NULL, 0, NULL));
  NO(GetUserNameExW(NameSamCompatible, NULL, NULL));
  NO(GetUserNameExA(NameSamCompatible, NULL, NULL));
  NO(GetComputerObjectNameW(NameSamCompatible, NULL, NULL));
  NO(GetComputerObjectNameA(NameSamCompatible, NULL, NULL));
  NO(TranslateNameW(NULL, NameSamCompatible, NameSamCompatible, NULL, NULL));
  NO(TranslateNameA(NULL, NameSamCompatible, NameSamCompatible, NULL, NULL));
  return failures != 0;
}
