// The object identifiers of the mechanisms that stand behind packages.
#pragma once

#include <gssapi/gssapi.h>

namespace sspid::worker::gss {

/// Kerberos 5, 1.2.840.113554.1.2.2 (RFC 1964).
[[nodiscard]] gss_OID krb5();
/// SPNEGO, 1.3.6.1.5.5.2 (RFC 4178).
[[nodiscard]] gss_OID spnego();

/// Whether both name the same mechanism.
[[nodiscard]] bool same_mechanism(gss_const_OID a, gss_const_OID b);

}  // namespace sspid::worker::gss
