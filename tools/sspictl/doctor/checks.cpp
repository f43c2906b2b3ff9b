#include "doctor/checks.h"

namespace sspictl::diagnosis {

std::span<const Check> checks() {
  static constexpr Check kChecks[] = {
      {"daemon", "sspid runs and answers", check_daemon},
      {"policy", "whoever asks is served", check_policy},
      {"workers", "every worker answers, none dies again and again", check_workers},
      {"mechanisms", "the packages that are offered are installed", check_mechanisms},
      {"replay-cache", "workers can remember what they accepted", check_replay_cache},
      {"krb5.conf", "Kerberos' configuration can be read, here and by workers", check_configuration},
      {"realm", "the realms that are used are known", check_realm},
      {"kdc", "a KDC of each realm answers", check_kdc},
      {"clock", "the KDCs' clocks and ours agree", check_clock},
      {"tickets", "the caller's tickets are still good", check_tickets},
      {"keytab", "keytabs can be read and hold keys", check_keytab},
      {"principal", "services have keys, and the KDC knows them", check_principal},
      {"keys", "what the KDC issues can be opened: key version, enctype, key", check_keys},
  };
  return kChecks;
}

}  // namespace sspictl::diagnosis
