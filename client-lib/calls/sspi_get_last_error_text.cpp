#include "client-lib/last_error.h"
#include "sspi_ext.h"

const char* SspiGetLastErrorText(void) { return sspi::last_error_text(); }
