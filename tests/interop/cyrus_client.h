// A client of Cyrus SASL (libsasl2), as LDAP, IMAP and XMPP programs have one, towards the host "localhost". Its
// tickets are those of the process, its password is what it is told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/bytes.h"
#include "support/handshake.h"

struct sasl_callback;
struct sasl_conn;

namespace sspid::test {

class CyrusClient {
 public:
  struct Options {
    std::string mechanism = "GSSAPI";
    unsigned least_strength = 0;  ///< security strength factors: 0 nothing, 1 integrity, above 1 privacy
    unsigned most_strength = 0;
    std::string authz{};  ///< whom to act as; empty: oneself
    std::string user{};   ///< of mechanisms that want a password
    std::string password{};
    unsigned largest_message = 65536;
  };
  explicit CyrusClient(Options options);
  ~CyrusClient();
  CyrusClient(const CyrusClient&) = delete;
  CyrusClient& operator=(const CyrusClient&) = delete;

  Leg step(Bytes token);

  /// The strength of the layer that was agreed on.
  [[nodiscard]] unsigned strength() const;
  /// What goes onto the wire: length and protected message.
  [[nodiscard]] Bytes encode(const Bytes& plain);
  /// Throws where the layer refuses it.
  [[nodiscard]] Bytes decode(const Bytes& wire);

 private:
  const Options options_;
  std::unique_ptr<sasl_callback[]> callbacks_;  // libsasl2 keeps their address
  std::vector<std::size_t> secret_;             // a sasl_secret_t with the password behind it
  sasl_conn* connection_ = nullptr;
  bool started_ = false;
};

}  // namespace sspid::test
