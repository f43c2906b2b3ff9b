// Connections that were turned away: each is counted by its rule and has its line in the audit trail, unless one peer
// knocks so often that only some have.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "daemon/control.h"
#include "daemon/log.h"

namespace sspid::supervisor {

class Refusals {
 public:
  /// `rule` says what in the policy, or which bound, turned the peer away: "no service matches".
  void note(const Peer& peer, const std::string& rule);

  /// So many connections that a worker has written of.
  void count(const std::string& rule, std::uint64_t connections) { counts_[rule] += connections; }

  [[nodiscard]] const std::map<std::string, std::uint64_t>& by_rule() const { return counts_; }

 private:
  std::map<std::string, std::uint64_t> counts_;
  log::Throttle lines_;
};

}  // namespace sspid::supervisor
