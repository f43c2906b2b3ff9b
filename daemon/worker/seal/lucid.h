// The keys and counters of an established krb5 context, bare or inside SPNEGO, as MIT's library tells them.
#pragma once

#include <memory>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>

namespace sspid::worker::seal {

struct WipeLucid {
  void operator()(gss_krb5_lucid_context_v1_t* lucid) const;
};
/// Keys included; wiped and released with the owner.
using Lucid = std::unique_ptr<gss_krb5_lucid_context_v1_t, WipeLucid>;

/// Null where the context has no such thing: another mechanism, not established. The context stays as it is and can be
/// used on; gss_krb5_export_lucid_sec_context, which asks the same, would delete it whatever the answer is good for.
[[nodiscard]] Lucid look_into(gss_ctx_id_t context);

}  // namespace sspid::worker::seal
