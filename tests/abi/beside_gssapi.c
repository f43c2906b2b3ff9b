/* sspi.h shares a translation unit with the headers of GSS-API and Kerberos: nothing is declared twice. */
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5/krb5.h>

#include "sspi.h"

struct BothWorlds {
  CtxtHandle handle;
  gss_ctx_id_t context;
  krb5_context library;
  SECURITY_STATUS status;
  OM_uint32 minor;
};
