/*
 * sspi_ext.h: what libsspi offers beyond Windows' interface.
 */
#ifndef SSPI_EXT_H
#define SSPI_EXT_H

#include "sspi.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What went wrong in the calling thread's last failed SSPI call, for a log or a person: which mechanism, which
 * principal, what the KDC answered. UTF-8, never NULL, "" when there is nothing to say. The string belongs to the
 * library and is valid until the thread's next SSPI call.
 */
SSPI_EXPORT const char* SspiGetLastErrorText(void);

#ifdef __cplusplus
}
#endif

#endif
