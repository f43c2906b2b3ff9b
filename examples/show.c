#include "show.h"

#include <sspi_ext.h>
#include <stdio.h>
#include <stdlib.h>

void check(const char* call, SECURITY_STATUS status) {
  if (status >= 0) return; /* SEC_E_OK and the SEC_I_… are not failures */
  fflush(stdout);
  fprintf(stderr, "%s: 0x%08X %s\n", call, (unsigned)status, SspiGetLastErrorText());
  exit(1);
}

void give_up(const char* why) {
  fflush(stdout);
  fprintf(stderr, "%s\n", why);
  exit(1);
}

void show_bytes(const char* title, const void* bytes, size_t length) {
  const unsigned char* at = bytes;
  size_t i, shown = length < 32 ? length : 32;
  printf("  %-10s", title);
  for (i = 0; i < shown; ++i) printf("%02x", at[i]);
  printf("%s (%zu bytes)\n", shown < length ? "..." : "", length);
}

static void show_flags(ULONG flags, ULONG integrity) {
  /* These are the same bits on both sides; that of integrity is not. */
  static const struct {
    ULONG bit;
    const char* name;
  } names[] = {{ISC_RET_DELEGATE, "delegate"},
               {ISC_RET_MUTUAL_AUTH, "mutual-authentication"},
               {ISC_RET_REPLAY_DETECT, "replay"},
               {ISC_RET_SEQUENCE_DETECT, "sequence"},
               {ISC_RET_CONFIDENTIALITY, "confidentiality"}};
  size_t i;
  printf("  flags     0x%05x", (unsigned)flags);
  if (flags & integrity) printf(" integrity");
  for (i = 0; i < sizeof names / sizeof *names; ++i)
    if (flags & names[i].bit) printf(" %s", names[i].name);
  printf("\n");
}

static void show_names(PCtxtHandle context) {
  SecPkgContext_NativeNamesA names;
  SecPkgContext_NamesA client;
  if (QueryContextAttributesA(context, SECPKG_ATTR_NATIVE_NAMES, &names) == SEC_E_OK) {
    printf("  client    %s\n  server    %s\n", names.sClientName, names.sServerName);
    FreeContextBuffer(names.sClientName);
    FreeContextBuffer(names.sServerName);
    return;
  }
  /* With NTLM nobody knows who the server is. */
  check("QueryContextAttributes", QueryContextAttributesA(context, SECPKG_ATTR_NAMES, &client));
  printf("  client    %s\n", client.sUserName);
  FreeContextBuffer(client.sUserName);
}

void show_context(PCtxtHandle context, ULONG flags, ULONG integrity) {
  SecPkgContext_PackageInfoA package;
  SecPkgContext_Sizes sizes;
  check("QueryContextAttributes", QueryContextAttributesA(context, SECPKG_ATTR_PACKAGE_INFO, &package));
  printf("  package   %s\n", package.PackageInfo->Name);
  FreeContextBuffer(package.PackageInfo);

  show_names(context);
  show_flags(flags, integrity);

  check("QueryContextAttributes", QueryContextAttributesA(context, SECPKG_ATTR_SIZES, &sizes));
  printf("  sizes     token up to %u, signature %u, trailer %u, block %u\n", (unsigned)sizes.cbMaxToken,
         (unsigned)sizes.cbMaxSignature, (unsigned)sizes.cbSecurityTrailer, (unsigned)sizes.cbBlockSize);
}
