#include "daemon/supervisor/refusals.h"

#include "daemon/log_fields.h"

namespace sspid::supervisor {

void Refusals::note(const Peer& peer, const std::string& rule) {
  ++counts_[rule];
  const auto held_back = lines_.admit();
  if (!held_back) return;
  log::Fields fields{{"event", std::string("refusal")}, {"pid", peer.pid}, {"uid", peer.uid}, {"rule", rule}};
  if (*held_back > 0) fields.emplace_back("not_shown", *held_back);
  log::audit(fields);
}

}  // namespace sspid::supervisor
