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

int main(void) {
  UNSUPPORTED(DelegateSecurityContext(NULL, NULL, SecFull, NULL, NULL, NULL));
  UNSUPPORTED(AddSecurityPackageW(NULL, NULL));
  UNSUPPORTED(AddSecurityPackageA(NULL, NULL));
  UNSUPPORTED(DeleteSecurityPackageW(NULL));
  UNSUPPORTED(DeleteSecurityPackageA(NULL));
  UNSUPPORTED(SspiPrepareForCredRead(NULL, NULL, NULL, NULL));
  UNSUPPORTED(SspiPrepareForCredWrite(NULL, NULL, NULL, NULL, NULL, NULL, NULL));
  UNSUPPORTED_WIN32(SspiPromptForCredentialsW(NULL, NULL, 0, NULL, NULL, NULL, NULL, 0));
  UNSUPPORTED_WIN32(SspiPromptForCredentialsA(NULL, NULL, 0, NULL, NULL, NULL, NULL, 0));
  UNSUPPORTED(SspiGetCredUIContext(NULL, NULL, NULL, NULL, NULL));
  UNSUPPORTED(SspiUpdateCredentials(NULL, NULL, 0, NULL));
  UNSUPPORTED(SspiUnmarshalCredUIContext(NULL, 0, NULL));
  return failures != 0;
}
