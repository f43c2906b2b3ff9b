#include "daemon/worker/gss/mechanisms.h"

#include <cstring>

#include <gssapi/gssapi_krb5.h>

namespace sspid::worker::gss {

gss_OID krb5() { return const_cast<gss_OID>(gss_mech_krb5); }

bool is_kerberos(gss_const_OID mechanism) {
  static char bytes[] = "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02";
  static gss_OID_desc old = {9, bytes};
  return same_mechanism(mechanism, krb5()) || same_mechanism(mechanism, &old);
}

gss_OID spnego() {
  static char bytes[] = "\x2b\x06\x01\x05\x05\x02";
  static gss_OID_desc oid = {6, bytes};
  return &oid;
}

gss_OID ntlm() {
  static char bytes[] = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
  static gss_OID_desc oid = {10, bytes};
  return &oid;
}

bool same_mechanism(gss_const_OID a, gss_const_OID b) {
  return a && b && a->length == b->length && std::memcmp(a->elements, b->elements, a->length) == 0;
}

}  // namespace sspid::worker::gss
