// What the doctor checks, one function each, in the order of the table.
#pragma once

#include <span>

#include "doctor/patient.h"

namespace sspictl::diagnosis {

struct Check {
  const char* id;
  const char* what;
  Findings (*examine)(Patient& patient);
};

[[nodiscard]] std::span<const Check> checks();

// daemon_checks.cpp: the daemon as programs and administrators see it
Findings check_daemon(Patient& patient);
Findings check_policy(Patient& patient);
Findings check_workers(Patient& patient);
Findings check_mechanisms(Patient& patient);
Findings check_replay_cache(Patient& patient);

// realm_checks.cpp: Kerberos as this host sees it
Findings check_configuration(Patient& patient);
Findings check_realm(Patient& patient);
Findings check_kdc(Patient& patient);
Findings check_clock(Patient& patient);
Findings check_tickets(Patient& patient);

// keytab_checks.cpp: keys here, and what the KDC says of them
Findings check_keytab(Patient& patient);
Findings check_principal(Patient& patient);
Findings check_keys(Patient& patient);

}  // namespace sspictl::diagnosis
