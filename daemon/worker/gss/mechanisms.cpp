#include "daemon/worker/gss/mechanisms.h"

#include <cstring>

#include <gssapi/gssapi_krb5.h>

namespace sspid::worker::gss {

gss_OID krb5() { return const_cast<gss_OID>(gss_mech_krb5); }

gss_OID spnego() {
  static char bytes[] = "\x2b\x06\x01\x05\x05\x02";
  static gss_OID_desc oid = {6, bytes};
  return &oid;
}

bool same_mechanism(gss_const_OID a, gss_const_OID b) {
  return a && b && a->length == b->length && std::memcmp(a->elements, b->elements, a->length) == 0;
}

}  // namespace sspid::worker::gss
