#define _POSIX_C_SOURCE 200809L
#include "wire.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int wire_connect(const char* host, const char* port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL, *at;
  int s = -1;
  if (getaddrinfo(host, port, &hints, &list) == 0)
    for (at = list; at && s < 0; at = at->ai_next) {
      s = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
      if (s >= 0 && connect(s, at->ai_addr, at->ai_addrlen) != 0) {
        close(s);
        s = -1;
      }
    }
  if (list) freeaddrinfo(list);
  if (s >= 0) return s;
  fprintf(stderr, "cannot connect to %s, port %s\n", host, port);
  exit(1);
}

int wire_listen(const char* port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)strtoul(port, NULL, 10))};
  socklen_t length = sizeof address;
  const int yes = 1;
  int s = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(s, (struct sockaddr*)&address, sizeof address) != 0 || listen(s, 16) != 0 ||
      getsockname(s, (struct sockaddr*)&address, &length) != 0) {
    perror("cannot listen");
    exit(1);
  }
  printf("listening on port %u\n", (unsigned)ntohs(address.sin_port));
  fflush(stdout);
  return s;
}

static void must(int succeeded) {
  if (succeeded) return;
  fprintf(stderr, "the connection ended, or something else than a frame came\n");
  exit(1);
}

void wire_send(int s, int flags, const void* bytes, size_t length) {
  const unsigned char header[5] = {(unsigned char)flags, (unsigned char)(length >> 24), (unsigned char)(length >> 16),
                                   (unsigned char)(length >> 8), (unsigned char)length};
  const char* at = bytes;
  if (flags & WIRE_CONTEXT) printf("  -> token of %zu bytes\n", length);
  must(send(s, header, sizeof header, MSG_NOSIGNAL) == sizeof header);
  while (length > 0) {
    const ssize_t n = send(s, at, length, MSG_NOSIGNAL);
    must(n > 0);
    at += n;
    length -= (size_t)n;
  }
}

int wire_receive(int s, char** bytes, size_t* length) {
  unsigned char header[5];
  must(recv(s, header, sizeof header, MSG_WAITALL) == sizeof header);
  *length = (size_t)header[1] << 24 | (size_t)header[2] << 16 | (size_t)header[3] << 8 | header[4];
  must(*length <= WIRE_MAX && (*bytes = malloc(*length + 1)) != NULL);
  must(recv(s, *bytes, *length, MSG_WAITALL) == (ssize_t)*length);
  if (header[0] & WIRE_CONTEXT) printf("  <- token of %zu bytes\n", *length);
  return header[0];
}
