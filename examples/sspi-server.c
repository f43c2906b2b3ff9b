/*
 * sspi-server: lets clients log on with the keys of its keytab, opens their messages and signs them.
 * usage: sspi-server [-1] [-p PACKAGE] PORT        -1: serve one client, then end. Port 0: choose a free one.
 * Clients may be sspi-client, or any program that speaks like MIT's gss-client.
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "show.h"
#include "wire.h"

/* Answers the client's tokens until no more is wanted. */
static ULONG establish(int s, PCredHandle credential, PCtxtHandle context) {
  SecBuffer in = {0, SECBUFFER_TOKEN, NULL}, out = {0, SECBUFFER_TOKEN, NULL};
  SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
  PCtxtHandle known = NULL; /* nothing before the first leg */
  SECURITY_STATUS status;
  ULONG granted = 0;
  do {
    char* token;
    size_t length;
    wire_receive(s, &token, &length);
    in = (SecBuffer){(ULONG)length, SECBUFFER_TOKEN, token};
    status = AcceptSecurityContext(credential, known, &input, ASC_REQ_ALLOCATE_MEMORY, SECURITY_NATIVE_DREP, context,
                                   &output, &granted, NULL);
    check("AcceptSecurityContext", status);
    known = context;
    free(token);
    if (out.cbBuffer > 0) wire_send(s, WIRE_CONTEXT, out.pvBuffer, out.cbBuffer); /* also when this side is done */
    FreeContextBuffer(out.pvBuffer);
  } while (status == SEC_I_CONTINUE_NEEDED);
  return granted;
}

/* Opens a sealed message where it lies: what it says is a part of its own bytes afterwards. */
static void open_sealed(PCtxtHandle context, int must_be_encrypted, char** message, size_t* length) {
  SecBuffer parts[2] = {{(ULONG)*length, SECBUFFER_STREAM, *message}, {0, SECBUFFER_DATA, NULL}};
  SecBufferDesc sealed = {SECBUFFER_VERSION, 2, parts};
  ULONG qop = 0;
  show_bytes("sealed", *message, *length);
  check("DecryptMessage", DecryptMessage(context, &sealed, 0, &qop));
  if (must_be_encrypted && qop == SECQOP_WRAP_NO_ENCRYPT) give_up("the message is not encrypted");
  *message = parts[1].pvBuffer;
  *length = parts[1].cbBuffer;
}

/* Answers a message with its signature. */
static void send_signature(int s, PCtxtHandle context, char* message, size_t length) {
  char signature[256];
  SecBuffer parts[2] = {{(ULONG)length, SECBUFFER_DATA, message}, {sizeof signature, SECBUFFER_TOKEN, signature}};
  SecBufferDesc signed_message = {SECBUFFER_VERSION, 2, parts};
  check("MakeSignature", MakeSignature(context, 0, &signed_message, 0));
  show_bytes("signature", signature, parts[1].cbBuffer);
  wire_send(s, WIRE_MIC, signature, parts[1].cbBuffer);
}

static void acquire(char* package, PCredHandle credential) {
  check("AcquireCredentialsHandle",
        AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL, credential, NULL));
}

/* With a credential of its own for each client: one that outlived sspid would serve nobody any more. */
static void serve(int s, char* package) {
  CredHandle credential;
  CtxtHandle context;
  char* bytes;
  size_t length;
  int flags = wire_receive(s, &bytes, &length);
  if (!(flags & WIRE_CONTEXT_NEXT)) give_up("the client does not log on");
  acquire(package, &credential);
  show_context(&context, establish(s, &credential, &context), ASC_RET_INTEGRITY);
  for (free(bytes); !((flags = wire_receive(s, &bytes, &length)) & WIRE_NOOP); free(bytes)) {
    char* message = bytes;
    if (flags & WIRE_WRAPPED) open_sealed(&context, flags & WIRE_ENCRYPTED, &message, &length);
    printf("  message   %.*s\n", (int)length, message);
    if (flags & WIRE_SEND_MIC)
      send_signature(s, &context, message, length);
    else
      wire_send(s, WIRE_NOOP, "", 0);
  }
  free(bytes);
  DeleteSecurityContext(&context);
  FreeCredentialsHandle(&credential);
}

int main(int argc, char** argv) {
  CredHandle credential;
  char* package = "Negotiate";
  int once = 0, option;
  while ((option = getopt(argc, argv, "1p:")) != -1) {
    if (option == 'p') package = optarg;
    once |= option == '1';
  }
  if (optind + 1 != argc) give_up("usage: sspi-server [-1] [-p PACKAGE] PORT");
  acquire(package, &credential); /* a mistake shows before the first client comes */
  FreeCredentialsHandle(&credential);
  int listener = wire_listen(argv[optind]);
  signal(SIGCHLD, SIG_IGN);
  for (;;) {
    int s = accept(listener, NULL, NULL);
    if (s >= 0 && (once || fork() == 0)) exit((serve(s, package), 0)); /* a process for each client */
    close(s);
  }
}
