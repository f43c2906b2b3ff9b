#include <spdlog/spdlog.h>

#include "daemon/worker/calls/calls.h"
#include "daemon/worker/kdc_proxy.h"

namespace sspid::worker::calls {

Outcome set_credentials_attributes(Caller& caller, const proto::SetCredentialsAttributesRequest& in,
                                   Reply<proto::SetCredentialsAttributesReplyT>&) {
  const auto credential = caller.session.credentials.find(in.credential());
  if (!credential) return {SEC_E_INVALID_HANDLE, "no such credential"};
  if (in.attribute() != SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS || !in.kdc_proxy())
    return {SEC_E_UNSUPPORTED_FUNCTION, "this attribute of credentials cannot be set"};
  if (!credential->package().negotiates && &credential->package() != &kerberos())
    return {SEC_E_UNSUPPORTED_FUNCTION, "only Kerberos has KDCs"};
  std::shared_ptr<const KdcProxy> proxy;
  const flatbuffers::String* server = in.kdc_proxy()->server();
  if (server && server->size() != 0)
    if (Outcome parsed = KdcProxy::parse(server->string_view(), in.kdc_proxy()->forced(), proxy); !parsed.ok())
      return parsed;
  spdlog::info("credential of {}: KDCs are asked {}", credential->name(),
               proxy ? "through " + proxy->url() : std::string("directly"));
  credential->use_proxy(std::move(proxy));
  return {};
}

}  // namespace sspid::worker::calls
