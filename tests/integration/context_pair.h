// Both ends of a Kerberos context in the same process.
#pragma once

#include <stdexcept>
#include <string>

#include "support/sspi_peer.h"

namespace sspid::test {

struct ContextPair {
  ContextPair(Credential& outbound, Credential& inbound) : client(outbound, "host/localhost"), server(inbound) {
    establish(client, server);
  }

  SspiInitiator client;
  SspiAcceptor server;
};

/// Whether a message sealed by one end is opened by the other. Throws otherwise.
inline void exchange(SspiContext& from, SspiContext& to, const std::string& text = "what they tell each other") {
  Sealed message = from.seal(bytes_of(text));
  must("DecryptMessage", to.open(message));
  if (text_of(message.data) != text) throw std::runtime_error("the message has changed on its way");
}

}  // namespace sspid::test
