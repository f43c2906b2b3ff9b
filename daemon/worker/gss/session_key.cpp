#include "daemon/worker/gss/session_key.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

namespace sspid::worker::gss {

namespace {

/// The last arc of an object identifier: 1.2.840.113554.1.2.2.4.<enctype>.
std::int32_t last_arc(std::span<const std::byte> oid) {
  std::int32_t arc = 0;
  bool begins = true;
  for (const std::byte b : oid) {
    const auto value = std::to_integer<std::int32_t>(b);
    arc = ((begins ? 0 : arc & 0xFFFFF) << 7) | (value & 0x7F);
    begins = (value & 0x80) == 0;
  }
  return arc;
}

std::span<const std::byte> bytes_of(const gss_buffer_desc& buffer) {
  return {static_cast<const std::byte*>(buffer.value), buffer.length};
}

}  // namespace

OM_uint32 session_key(gss_ctx_id_t context, OM_uint32& minor, SessionKey& key) {
  const OM_uint32 major =
      gss_inquire_sec_context_by_oid(&minor, context, const_cast<gss_OID>(GSS_C_INQ_SSPI_SESSION_KEY), key.set.out());
  if (GSS_ERROR(major)) return major;
  const gss_buffer_set_t set = key.set.get();
  if (!set || set->count < 1) return GSS_S_UNAVAILABLE;
  key.bytes = bytes_of(set->elements[0]);
  if (set->count > 1) key.enctype = last_arc(bytes_of(set->elements[1]));
  return major;
}

}  // namespace sspid::worker::gss
