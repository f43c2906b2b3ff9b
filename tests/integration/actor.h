// Somebody else who uses libsspi: a process with ids of its own that does what the test says (actor_program.cpp). It
// can be one end of a context; the other is any end of support/.
#pragma once

#include <string>
#include <vector>

#include "support/bytes.h"
#include "support/handshake.h"
#include "support/process.h"

namespace sspid::test {

class Actor {
 public:
  struct Options {
    unsigned uid = 0;
    unsigned gid = 0;
    Environment environment{};            ///< beside the base; SSPI_SOCKET is among it
    std::vector<std::string> launcher{};  ///< a command, run by root, that becomes the one that it is given
  };
  explicit Actor(const Options& options);

  /// The first word of the answer: a status, or "failed:".
  [[nodiscard]] std::string status(const std::string& line) { return first_word(ask(line)); }
  /// What follows the status. Fails the test where that is not SEC_E_OK.
  [[nodiscard]] std::string value(const std::string& line);
  /// The whole answer.
  [[nodiscard]] std::string ask(const std::string& line) {
    tell(line);
    return answer();
  }
  /// The same in two: the test does something meanwhile.
  void tell(const std::string& line);
  [[nodiscard]] std::string answer();
  [[nodiscard]] bool has_answered() const;  ///< or has ended

  [[nodiscard]] Process& process() { return process_; }

 private:
  [[nodiscard]] static std::string first_word(const std::string& answer) { return answer.substr(0, answer.find(' ')); }

  proto::Descriptor ours_;
  Process process_;
};

/// An actor's side of a handshake.
class ActingAcceptor {
 public:
  explicit ActingAcceptor(Actor& actor) : actor_(actor) {}
  Leg step(const Bytes& token);

 private:
  Actor& actor_;
};

class ActingInitiator {
 public:
  ActingInitiator(Actor& actor, std::string target) : actor_(actor), target_(std::move(target)) {}
  Leg step(const Bytes& token);

 private:
  Actor& actor_;
  std::string target_;
};

}  // namespace sspid::test
