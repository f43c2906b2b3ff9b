/* InitSecurityInterfaceA and W (E-001, E-002). */
#include <stdio.h>

#include "sspi.h"

static int failures;

static void expect(int holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "not so: %s\n", what);
  ++failures;
}

/* A slot holds the function of its own name; a reserved one is NULL. */
#define FILLED(table, slot) expect((table)->slot == slot, #table "->" #slot " is " #slot)
#define EMPTY(table, slot) expect((table)->slot == NULL, #table "->" #slot " is NULL")

static void check_w(void) {
  const SecurityFunctionTableW* w = InitSecurityInterfaceW();
  expect(w == InitSecurityInterfaceW(), "the W table is the same in the second call");
  expect(w->dwVersion == SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5, "the W table has version 5");
  FILLED(w, EnumerateSecurityPackagesW);
  FILLED(w, QueryCredentialsAttributesW);
  FILLED(w, AcquireCredentialsHandleW);
  FILLED(w, FreeCredentialsHandle);
  EMPTY(w, Reserved2);
  FILLED(w, InitializeSecurityContextW);
  FILLED(w, AcceptSecurityContext);
  FILLED(w, CompleteAuthToken);
  FILLED(w, DeleteSecurityContext);
  FILLED(w, ApplyControlToken);
  FILLED(w, QueryContextAttributesW);
  FILLED(w, ImpersonateSecurityContext);
  FILLED(w, RevertSecurityContext);
  FILLED(w, MakeSignature);
  FILLED(w, VerifySignature);
  FILLED(w, FreeContextBuffer);
  FILLED(w, QuerySecurityPackageInfoW);
  EMPTY(w, Reserved3);
  EMPTY(w, Reserved4);
  FILLED(w, ExportSecurityContext);
  FILLED(w, ImportSecurityContextW);
  FILLED(w, AddCredentialsW);
  EMPTY(w, Reserved8);
  FILLED(w, QuerySecurityContextToken);
  FILLED(w, EncryptMessage);
  FILLED(w, DecryptMessage);
  FILLED(w, SetContextAttributesW);
  FILLED(w, SetCredentialsAttributesW);
  FILLED(w, ChangeAccountPasswordW);
  FILLED(w, QueryContextAttributesExW);
  FILLED(w, QueryCredentialsAttributesExW);
}

static void check_a(void) {
  const SecurityFunctionTableA* a = InitSecurityInterfaceA();
  expect(a == InitSecurityInterfaceA(), "the A table is the same in the second call");
  expect(a->dwVersion == SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5, "the A table has version 5");
  FILLED(a, EnumerateSecurityPackagesA);
  FILLED(a, QueryCredentialsAttributesA);
  FILLED(a, AcquireCredentialsHandleA);
  FILLED(a, FreeCredentialsHandle);
  EMPTY(a, Reserved2);
  FILLED(a, InitializeSecurityContextA);
  FILLED(a, AcceptSecurityContext);
  FILLED(a, CompleteAuthToken);
  FILLED(a, DeleteSecurityContext);
  FILLED(a, ApplyControlToken);
  FILLED(a, QueryContextAttributesA);
  FILLED(a, ImpersonateSecurityContext);
  FILLED(a, RevertSecurityContext);
  FILLED(a, MakeSignature);
  FILLED(a, VerifySignature);
  FILLED(a, FreeContextBuffer);
  FILLED(a, QuerySecurityPackageInfoA);
  EMPTY(a, Reserved3);
  EMPTY(a, Reserved4);
  FILLED(a, ExportSecurityContext);
  FILLED(a, ImportSecurityContextA);
  FILLED(a, AddCredentialsA);
  EMPTY(a, Reserved8);
  FILLED(a, QuerySecurityContextToken);
  FILLED(a, EncryptMessage);
  FILLED(a, DecryptMessage);
  FILLED(a, SetContextAttributesA);
  FILLED(a, SetCredentialsAttributesA);
  FILLED(a, ChangeAccountPasswordA);
  FILLED(a, QueryContextAttributesExA);
  FILLED(a, QueryCredentialsAttributesExA);
}

int main(void) {
  check_w();
  check_a();
  expect(InitSecurityInterfaceA()->FreeCredentialHandle == InitSecurityInterfaceW()->FreeCredentialHandle,
         "slot 32 of both tables is the same function, by either spelling");
  return failures != 0;
}
