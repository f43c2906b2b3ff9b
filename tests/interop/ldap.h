// An LDAP client of a few operations, with SASL binds whose tokens and security layer come from libsspi.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/bytes.h"
#include "support/sasl_peer.h"
#include "support/sspi_peer.h"
#include "tcp.h"

namespace sspid::test {

/// RFC 4752: what protects the connection after the bind. The values are those of the protocol.
enum class SaslLayer : std::uint8_t { none = 1, integrity = 2, privacy = 4 };

class LdapClient {
 public:
  explicit LdapClient(std::uint16_t port) : stream_(port) {}

  enum ResultCode : unsigned { kSuccess = 0, kSaslBindInProgress = 14, kInvalidCredentials = 49 };
  struct BindAnswer {
    unsigned code = 0;
    std::string diagnostic;
    Bytes credentials;  ///< serverSaslCreds
  };
  [[nodiscard]] BindAnswer bind(const std::string& mechanism, const Bytes& credentials);

  /// A SASL bind with GSSAPI, which negotiates the layer by a message each. Throws when it fails.
  void bind_gssapi(SspiInitiator& context, SaslLayer layer);
  /// One with GSS-SPNEGO, where no layer is negotiated: the context's flags decide, and those of MIT Kerberos always
  /// have confidentiality.
  void bind_spnego(SspiInitiator& context);

  /// One with the SASL functions, which negotiate the layer themselves; their attributes tell which it is.
  void bind_sasl(SaslInitiator& context, const std::string& mechanism);

  /// RFC 4532: "dn:uid=alice,dc=example,dc=test"
  [[nodiscard]] std::string who_am_i();
  /// Distinguished names of all entries below the base.
  struct Entry {
    std::string name;
    std::size_t size;  ///< of all of its attributes
  };
  [[nodiscard]] std::vector<Entry> search(const std::string& base);

 private:
  template <class Initiator>
  BindAnswer exchange(Initiator& context, const std::string& mechanism);
  void send(const Bytes& operation);
  [[nodiscard]] Bytes receive();  ///< the operation inside the next message
  void fill();

  TcpStream stream_;
  std::uint8_t message_id_ = 0;
  SspiContext* context_ = nullptr;  ///< when messages are protected
  ULONG qop_ = 0;
  Bytes received_;  ///< opened, and not yet taken
};

}  // namespace sspid::test
