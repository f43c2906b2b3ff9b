// Ends of a context made of libsspi's SASL functions: sspi_peer.h's, with the security layer of RFC 4752 negotiated.
#pragma once

#include <optional>
#include <string>

#include "sspi_peer.h"

namespace sspid::test {

/// The credential must outlive it.
class SaslInitiator : public SspiContext {
 public:
  struct Options {
    std::string target;
    ULONG requirements = 0;  ///< CONFIDENTIALITY or INTEGRITY ask for a layer
    std::string authz{};     ///< whom to act as; empty: oneself
  };
  SaslInitiator(Credential& credential, Options options) : credential_(credential), options_(std::move(options)) {}

  Leg step(Bytes token);

 private:
  Credential& credential_;
  Options options_;
};

class SaslAcceptor : public SspiContext {
 public:
  struct Options {
    ULONG requirements = 0;
    ULONG processing = Sasl_AuthZIDProcessed;
  };
  explicit SaslAcceptor(Credential& credential) : SaslAcceptor(credential, {}) {}
  SaslAcceptor(Credential& credential, Options options) : credential_(credential), options_(options) {}

  Leg step(Bytes token);

  /// Whom the client wants to act as.
  [[nodiscard]] std::string authz();

 private:
  Credential& credential_;
  Options options_;
};

/// An option of 4 bytes.
[[nodiscard]] ULONG sasl_number(SspiContext& context, ULONG option);

/// Passes messages until both are done or one fails; the empty ones too, as SASL's protocols do.
template <class Initiator, class Acceptor>
Handshake negotiate(Initiator& initiator, Acceptor& acceptor) {
  Handshake result;
  result.acceptor.state = Leg::State::more;
  result.initiator = initiator.step({});
  for (int round = 0; round < 8; ++round) {
    if (result.initiator.state == Leg::State::failed || result.acceptor.state != Leg::State::more) break;
    result.acceptor = acceptor.step(result.initiator.token);
    if (result.acceptor.state == Leg::State::failed || result.initiator.state != Leg::State::more) break;
    result.initiator = initiator.step(result.acceptor.token);
  }
  return result;
}

}  // namespace sspid::test
