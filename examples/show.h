/* What these examples tell the reader about a security context and its messages. */
#ifndef EXAMPLES_SHOW_H
#define EXAMPLES_SHOW_H

#include <sspi.h>
#include <stddef.h>

/*
 * Prints the package that was chosen, both names, the flags and the sizes of a context that is complete. `integrity` is
 * ISC_RET_INTEGRITY or ASC_RET_INTEGRITY, whose values differ.
 */
void show_context(PCtxtHandle context, ULONG flags, ULONG integrity);

/* Prints the first bytes in hexadecimal. */
void show_bytes(const char* title, const void* bytes, size_t length);

/* Prints which call failed, its status and its cause, and ends the program; returns where the status is no failure. */
void check(const char* call, SECURITY_STATUS status);

/* Prints why it cannot go on and ends the program. */
void give_up(const char* why);

#endif
