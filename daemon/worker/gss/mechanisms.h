// The object identifiers of the mechanisms that stand behind packages.
#pragma once

#include <gssapi/gssapi.h>

namespace sspid::worker::gss {

/// Kerberos 5, 1.2.840.113554.1.2.2 (RFC 1964).
[[nodiscard]] gss_OID krb5();
/// Kerberos under its own or Windows' old identifier, 1.2.840.48018.1.2.2.
[[nodiscard]] bool is_kerberos(gss_const_OID mechanism);
/// SPNEGO, 1.3.6.1.5.5.2 (RFC 4178).
[[nodiscard]] gss_OID spnego();

/// NTLM of gss-ntlmssp, 1.3.6.1.4.1.311.2.2.10.
[[nodiscard]] gss_OID ntlm();

/// Whether both name the same mechanism.
[[nodiscard]] bool same_mechanism(gss_const_OID a, gss_const_OID b);

}  // namespace sspid::worker::gss
