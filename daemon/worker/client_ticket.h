// The ticket that a client sent to one of our services: the proof for the KDC that the client came (S4U2Proxy).
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "daemon/worker/gss/krb5_handle.h"
#include "daemon/worker/keytab.h"
#include "daemon/worker/outcome.h"

namespace sspid::worker {

/// Opened with the service's key. One thread at a time.
class ClientTicket {
 public:
  ClientTicket();
  ClientTicket(const ClientTicket&) = delete;
  ClientTicket& operator=(const ClientTicket&) = delete;

  /// `der` is of gss::ticket_in(), from a token that was accepted with these keys. Once per object.
  Outcome open(std::span<const std::byte> der, const Keys& keys);

  [[nodiscard]] const std::string& service() const { return service_; }  ///< "HTTP/localhost@EXAMPLE.TEST"
  [[nodiscard]] krb5_const_principal client() const { return ticket_.get()->enc_part2->client; }
  /// Whether the KDC would accept it: a client can be barred from being delegated.
  [[nodiscard]] bool forwardable() const;

  /// Adds it to a cache that was resolved with `context`.
  krb5_error_code store(krb5_context context, krb5_ccache cache) const;

 private:
  gss::Krb5Context context_;
  gss::Ticket ticket_;
  std::string service_;
  std::span<const std::byte> der_;
};

}  // namespace sspid::worker
