// An HTTPS proxy to KDCs (MS-KKDCP) that a credential was told to use: KDC_PROXY_SETTINGS. Immutable; any thread.
//
// libkrb5 asks whom its configuration names, so the proxy stands in a configuration of its own, laid over krb5.conf.
// The GSS mechanism reads krb5.conf alone: what it needs is fetched beforehand, and it finds that in the ticket cache.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <gssapi/gssapi.h>

#include "daemon/worker/gss/krb5_handle.h"
#include "daemon/worker/outcome.h"

namespace sspid::worker {

class TicketCache;

class KdcProxy {
 public:
  /// `server` is "https://host:port/path", or without the parts that are usual: https, 443 and KdcProxy.
  static Outcome parse(std::string_view server, bool forced, std::shared_ptr<const KdcProxy>& proxy);

  [[nodiscard]] const std::string& url() const { return url_; }

  /// A context that asks KDCs through the proxy: only through it where it is forced, else where none answers directly.
  [[nodiscard]] krb5_error_code initialize(gss::Krb5Context& context) const;

  /// Makes sure that `tickets` hold one for the target. Blocks on proxy and KDC.
  Outcome fetch_ticket(const TicketCache& tickets, gss_name_t target) const;

 private:
  KdcProxy(std::string url, bool forced) : url_(std::move(url)), forced_(forced) {}

  const std::string url_;
  const bool forced_;
};

}  // namespace sspid::worker
