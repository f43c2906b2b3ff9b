#include "daemon/worker/seal/lucid.h"

#include <cstring>

#include <openssl/crypto.h>

#include "daemon/worker/gss/handle.h"

namespace sspid::worker::seal {

namespace {

constexpr OM_uint32 kVersion = 1;

// 1.2.840.113554.1.2.2.5.6.1: GSS_KRB5_EXPORT_LUCID_SEC_CONTEXT_OID and the version. Its answer is a pointer.
unsigned char lucid_oid_bytes[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x05, 0x06, kVersion};
gss_OID_desc lucid_oid{sizeof lucid_oid_bytes, lucid_oid_bytes};

void wipe(gss_krb5_lucid_key_t& key) {
  if (key.data) OPENSSL_cleanse(key.data, key.length);
}

}  // namespace

void WipeLucid::operator()(gss_krb5_lucid_context_v1_t* lucid) const {
  wipe(lucid->rfc1964_kd.ctx_key);
  wipe(lucid->cfx_kd.ctx_key);
  wipe(lucid->cfx_kd.acceptor_subkey);
  OM_uint32 minor = 0;
  gss_krb5_free_lucid_sec_context(&minor, lucid);
}

Lucid look_into(gss_ctx_id_t context) {
  OM_uint32 minor = 0;
  gss::BufferSet answer;
  if (gss_inquire_sec_context_by_oid(&minor, context, &lucid_oid, answer.out()) != GSS_S_COMPLETE) return nullptr;
  void* lucid = nullptr;
  const gss_buffer_set_t set = answer.get();
  if (!set || set->count != 1 || set->elements[0].length != sizeof lucid) return nullptr;
  std::memcpy(&lucid, set->elements[0].value, sizeof lucid);
  return Lucid(static_cast<gss_krb5_lucid_context_v1_t*>(lucid));
}

}  // namespace sspid::worker::seal
