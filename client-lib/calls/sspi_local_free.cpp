#include "client-lib/context_buffers.h"
#include "sspi.h"

void SspiLocalFree(PVOID DataBuffer) { (void)sspi::free_context_buffer(DataBuffer); }
