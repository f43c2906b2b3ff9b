// Our ends of a conversation with gss-server and gss-client, made of libsspi's functions.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gss_sample.h"
#include "support/sspi_peer.h"

namespace sspid::test::gss_sample {

/// A client of gss-server.
class Client {
 public:
  /// Connects and logs on. Throws when that fails.
  Client(std::uint16_t port, const std::string& package, ULONG requirements = SspiInitiator::Options().requirements);

  enum class Protection { sealed, integrity, none };
  /// Sends the message and checks the signature that must be the answer.
  void send_and_verify(const Bytes& message, Protection protection);
  /// Takes leave; the server closes the connection.
  void end();

  [[nodiscard]] SspiInitiator& context() { return context_; }

 private:
  Credential credential_;
  SspiInitiator context_;
  TcpStream stream_;
};

/// What one connection of gss-client came to.
struct Served {
  std::string client;                 ///< its name
  ULONG attributes = 0;               ///< ASC_RET_*
  std::vector<std::string> messages;  ///< as they were before they were protected
  bool all_encrypted = true;
};
/// Serves one context of gss-client, whatever protection it chooses.
[[nodiscard]] Served serve(TcpStream stream, Credential& inbound);

}  // namespace sspid::test::gss_sample
