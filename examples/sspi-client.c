/*
 * sspi-client: logs on to a server with the user's own tickets, sends it one sealed message and checks its signature.
 *
 * usage: sspi-client [-p PACKAGE] HOST PORT TARGET MESSAGE
 *        sspi-client -p Negotiate www.example.test 4444 host/www.example.test "hello"
 *
 * The peer may be sspi-server, or any program that speaks like MIT's gss-server.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"
#include "wire.h"

/* Both sides send each other tokens until neither asks for more. */
static ULONG establish(int s, PCredHandle credential, char* target, PCtxtHandle context) {
  const ULONG wanted = ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY |
                       ISC_REQ_INTEGRITY | ISC_REQ_ALLOCATE_MEMORY;
  SecBuffer in = {0, SECBUFFER_TOKEN, NULL}, out = {0, SECBUFFER_TOKEN, NULL};
  SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
  PCtxtHandle known = NULL; /* nothing before the first leg */
  SECURITY_STATUS status;
  ULONG granted = 0;
  char* token = NULL;
  size_t length = 0;
  do {
    status = InitializeSecurityContextA(credential, known, target, wanted, 0, SECURITY_NATIVE_DREP,
                                        known ? &input : NULL, 0, context, &output, &granted, NULL);
    check("InitializeSecurityContext", status);
    free(token);
    token = NULL;
    known = context;
    if (out.cbBuffer > 0) wire_send(s, WIRE_CONTEXT, out.pvBuffer, out.cbBuffer); /* also when this side is done */
    FreeContextBuffer(out.pvBuffer);
    if (status == SEC_I_CONTINUE_NEEDED) {
      wire_receive(s, &token, &length);
      in = (SecBuffer){(ULONG)length, SECBUFFER_TOKEN, token};
    }
  } while (status == SEC_I_CONTINUE_NEEDED);
  if (!(granted & ISC_RET_MUTUAL_AUTH)) give_up("the server did not prove who it is");
  return granted;
}

/* Seals a copy of the message. What travels is TOKEN, DATA and PADDING, back to back. */
static void send_sealed(int s, PCtxtHandle context, const char* message) {
  SecPkgContext_Sizes sizes;
  check("QueryContextAttributes", QueryContextAttributesA(context, SECPKG_ATTR_SIZES, &sizes));
  const size_t length = strlen(message);
  char *whole = malloc(sizes.cbSecurityTrailer + length + sizes.cbBlockSize), *data = whole + sizes.cbSecurityTrailer;
  memcpy(data, message, length);
  SecBuffer parts[3] = {{sizes.cbSecurityTrailer, SECBUFFER_TOKEN, whole},
                        {(ULONG)length, SECBUFFER_DATA, data},
                        {sizes.cbBlockSize, SECBUFFER_PADDING, data + length}};
  SecBufferDesc sealed = {SECBUFFER_VERSION, 3, parts};
  check("EncryptMessage", EncryptMessage(context, 0, &sealed, 0));

  memmove(whole + parts[0].cbBuffer, data, length + parts[2].cbBuffer); /* the token may be shorter than its room */
  const size_t total = parts[0].cbBuffer + length + parts[2].cbBuffer;
  printf("  message   %s\n", message);
  show_bytes("sealed", whole, total);
  wire_send(s, WIRE_DATA | WIRE_WRAPPED | WIRE_ENCRYPTED | WIRE_SEND_MIC, whole, total);
  free(whole);
}

int main(int argc, char** argv) {
  char* package = "Negotiate";
  if (argc > 2 && strcmp(argv[1], "-p") == 0) package = argv[2], argv += 2, argc -= 2;
  if (argc != 5) give_up("usage: sspi-client [-p PACKAGE] HOST PORT TARGET MESSAGE");

  CredHandle credential;
  CtxtHandle context;
  check("AcquireCredentialsHandle",
        AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL, &credential, NULL));
  int s = wire_connect(argv[1], argv[2]);
  wire_send(s, WIRE_NOOP | WIRE_CONTEXT_NEXT, "", 0);
  show_context(&context, establish(s, &credential, argv[3], &context), ISC_RET_INTEGRITY);
  send_sealed(s, &context, argv[4]);

  char* signature;
  size_t length;
  if (wire_receive(s, &signature, &length) != WIRE_MIC) give_up("no signature came");
  SecBuffer parts[2] = {{(ULONG)strlen(argv[4]), SECBUFFER_DATA, argv[4]}, {(ULONG)length, SECBUFFER_TOKEN, signature}};
  SecBufferDesc signed_message = {SECBUFFER_VERSION, 2, parts};
  check("VerifySignature", VerifySignature(&context, &signed_message, 0, NULL));
  show_bytes("signature", signature, length);
  printf("  verified: the server has read what was sent\n");

  free(signature);
  wire_send(s, WIRE_NOOP, "", 0);
  DeleteSecurityContext(&context);
  FreeCredentialsHandle(&credential);
  return 0;
}
