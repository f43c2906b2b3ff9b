/* How these examples talk over TCP: the framing of MIT's gss-client and gss-server, so that each can talk to theirs
 * too. */
#ifndef EXAMPLES_WIRE_H
#define EXAMPLES_WIRE_H

#include <stddef.h>

/* A frame is flags (1 byte), length (4 bytes, big-endian), then as many bytes. */
enum {
  WIRE_NOOP = 1,
  WIRE_CONTEXT = 2,       /* a token of the handshake */
  WIRE_DATA = 4,          /* a message */
  WIRE_MIC = 8,           /* the signature of the message before */
  WIRE_CONTEXT_NEXT = 16, /* a handshake follows */
  WIRE_WRAPPED = 32,      /* the message went through EncryptMessage */
  WIRE_ENCRYPTED = 64,    /* … and is not readable */
  WIRE_SEND_MIC = 128     /* answer with a signature */
};

/* More than any token or message here; what a peer says about lengths is not believed beyond it. */
#define WIRE_MAX (1024 * 1024)

/* Each of these prints what is wrong and ends the program when it fails. Tokens that pass are told of, too. */
int wire_connect(const char* host, const char* port);
int wire_listen(const char* port); /* "0" chooses a free one; prints which */
void wire_send(int s, int flags, const void* bytes, size_t length);

/* Receives a frame and returns its flags. *bytes is for free(). */
int wire_receive(int s, char** bytes, size_t* length);

#endif
