// Two ends of a context passing each other tokens, whatever they are made of: ours (sspi_peer.h) or GSS-API's own
// (gss_peer.h).
#pragma once

#include <stdexcept>
#include <string>

#include "bytes.h"

namespace sspid::test {

/// What one end did with one token.
struct Leg {
  enum class State { more, done, failed };
  State state = State::failed;
  Bytes token;         ///< for the other end; may come with any state
  std::string status;  ///< in words
};

struct Handshake {
  Leg initiator;  ///< the last leg of each
  Leg acceptor;
  unsigned tokens = 0;  ///< how many were sent

  [[nodiscard]] bool complete() const {
    return initiator.state == Leg::State::done && acceptor.state == Leg::State::done;
  }
};

/// Passes tokens until both are done or one fails.
template <class Initiator, class Acceptor>
Handshake shake_hands(Initiator& initiator, Acceptor& acceptor) {
  Handshake result;
  result.initiator.state = result.acceptor.state = Leg::State::more;
  result.initiator = initiator.step({});
  // No mechanism has more legs than this; two ends that never come to an end are a failure, too.
  for (int round = 0; round < 8 && !result.complete(); ++round) {
    if (result.initiator.state == Leg::State::failed || result.acceptor.state == Leg::State::failed) break;
    if (!result.initiator.token.empty()) {
      ++result.tokens;
      result.acceptor = acceptor.step(result.initiator.token);
      result.initiator.token.clear();
      if (result.acceptor.state == Leg::State::failed) break;
    }
    if (!result.acceptor.token.empty()) {
      ++result.tokens;
      result.initiator = initiator.step(result.acceptor.token);
      result.acceptor.token.clear();
    }
  }
  return result;
}

/// The same where anything but success is a mistake of the test.
template <class Initiator, class Acceptor>
Handshake establish(Initiator& initiator, Acceptor& acceptor) {
  Handshake result = shake_hands(initiator, acceptor);
  if (!result.complete())
    throw std::runtime_error("no context: initiator " + result.initiator.status + ", acceptor " +
                             result.acceptor.status);
  return result;
}

}  // namespace sspid::test
