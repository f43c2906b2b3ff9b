/*
 * sspi-async-client: logs on to a server many times at once, with one thread and poll(2): no call waits for sspid, and
 * none for a KDC.
 *
 * usage: sspi-async-client [-p PACKAGE] HOST PORT TARGET COUNT
 *        sspi-async-client -p Negotiate www.example.test 4444 host/www.example.test 100
 *
 * The peer is sspi-server.
 */
#include <poll.h>
#include <sspi_ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "show.h"
#include "wire.h"

/* What one logon has; all of it stays in place while a call is in flight. */
struct logon {
  int s;
  SspiAsyncContext* async;
  int in_flight; /* it waits for sspid, else for the server */
  CtxtHandle context;
  PCtxtHandle known; /* nothing before the first leg */
  SecBuffer in, out;
  SecBufferDesc input, output;
  ULONG granted;
  char* token;
};

static CredHandle credential;
static char* target;
static long left;

static void start_leg(struct logon* l) {
  const ULONG wanted = ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY | ISC_REQ_ALLOCATE_MEMORY;
  check(
      "SspiInitializeSecurityContextAsync",
      SspiInitializeSecurityContextAsyncA(l->async, &credential, l->known, target, wanted, 0, SECURITY_NATIVE_DREP,
                                          l->known ? &l->input : NULL, 0, &l->context, &l->output, &l->granted, NULL));
  l->in_flight = 1;
}

/* Called by SspiDispatchAsyncCall. */
static void leg_ended(SspiAsyncContext* async, void* data) {
  struct logon* l = data;
  const SECURITY_STATUS status = SspiGetAsyncCallStatus(async);
  check("InitializeSecurityContext", status);
  l->in_flight = 0;
  l->known = &l->context;
  if (l->out.cbBuffer > 0) wire_send(l->s, WIRE_CONTEXT, l->out.pvBuffer, l->out.cbBuffer);
  FreeContextBuffer(l->out.pvBuffer);
  if (status == SEC_I_CONTINUE_NEEDED) return;
  if (!(l->granted & ISC_RET_MUTUAL_AUTH)) give_up("the server did not prove who it is");
  wire_send(l->s, WIRE_NOOP, "", 0);
  close(l->s);
  l->s = -1; /* which poll() passes over */
  --left;
}

static void token_came(struct logon* l) {
  size_t length;
  free(l->token);
  wire_receive(l->s, &l->token, &length);
  l->in = (SecBuffer){(ULONG)length, SECBUFFER_TOKEN, l->token};
  start_leg(l);
}

static void begin(struct logon* l, const char* host, const char* port) {
  l->s = wire_connect(host, port);
  wire_send(l->s, WIRE_NOOP | WIRE_CONTEXT_NEXT, "", 0);
  l->out.BufferType = SECBUFFER_TOKEN;
  l->input = (SecBufferDesc){SECBUFFER_VERSION, 1, &l->in};
  l->output = (SecBufferDesc){SECBUFFER_VERSION, 1, &l->out};
  if ((l->async = SspiCreateAsyncContext()) == NULL) give_up("there are no more descriptors");
  check("SspiSetAsyncNotifyCallback", SspiSetAsyncNotifyCallback(l->async, leg_ended, l));
  start_leg(l);
}

int main(int argc, char** argv) {
  char* package = "Negotiate";
  if (argc > 2 && strcmp(argv[1], "-p") == 0) package = argv[2], argv += 2, argc -= 2;
  if (argc != 5 || (left = atol(argv[4])) < 1) give_up("usage: sspi-async-client [-p PACKAGE] HOST PORT TARGET COUNT");
  const size_t count = (size_t)left;
  target = argv[3];
  check("AcquireCredentialsHandle",
        AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL, &credential, NULL));

  struct logon* logons = calloc(count, sizeof *logons);
  struct pollfd* watched = calloc(count, sizeof *watched);
  for (size_t i = 0; i < count; ++i) begin(&logons[i], argv[1], argv[2]);
  while (left > 0) {
    for (size_t i = 0; i < count; ++i) {
      watched[i].fd = logons[i].in_flight ? SspiGetAsyncDescriptor(logons[i].async) : logons[i].s;
      watched[i].events = POLLIN;
    }
    if (poll(watched, count, -1) < 0) give_up("poll");
    for (size_t i = 0; i < count; ++i)
      if (watched[i].revents && logons[i].in_flight)
        SspiDispatchAsyncCall(logons[i].async);
      else if (watched[i].revents)
        token_came(&logons[i]);
  }
  printf("  %zu contexts established\n", count);
  for (size_t i = 0; i < count; ++i) {
    DeleteSecurityContext(&logons[i].context);
    SspiFreeAsyncContext(logons[i].async);
    free(logons[i].token);
  }
  free(watched);
  free(logons);
  FreeCredentialsHandle(&credential);
  return 0;
}
