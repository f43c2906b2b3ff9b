#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <profile.h>
#include <unistd.h>

#include "daemon/worker/kerberos_files.h"
#include "doctor/checks.h"

namespace sspictl::diagnosis {

namespace {

/// Notes the clock of whichever KDC answers.
krb5_error_code note_answer(krb5_context context, void* data, krb5_error_code code, const krb5_data*, const krb5_data*,
                            const krb5_data* reply, krb5_data**) {
  auto& probe = *static_cast<Probe*>(data);
  krb5_error* error = nullptr;
  if (code != 0 || krb5_rd_error(context, reply, &error) != 0) return code;
  // Kerberos counts seconds without a sign, as long as 32 bits of them last.
  probe.offset = std::int64_t{static_cast<std::uint32_t>(error->stime)} - std::time(nullptr);
  krb5_free_error(context, error);
  return code;
}

/// Asks for tickets of somebody whom no realm knows: every KDC answers that, and says what time it is.
Probe probe_realm(const gss::Krb5Context& krb5, const std::string& realm) {
  Probe probe;
  gss::Principal nobody(krb5);
  probe.code = krb5_build_principal(krb5.get(), nobody.out(), static_cast<unsigned>(realm.size()), realm.c_str(),
                                    "sspictl-doctor", nullptr);
  krb5_init_creds_context exchange = nullptr;
  if (probe.code == 0)
    probe.code = krb5_init_creds_init(krb5.get(), nobody.get(), nullptr, nullptr, 0, nullptr, &exchange);
  if (probe.code != 0) return probe;
  krb5_set_kdc_recv_hook(krb5.get(), note_answer, &probe);
  probe.code = krb5_init_creds_get(krb5.get(), exchange);
  krb5_set_kdc_recv_hook(krb5.get(), nullptr, nullptr);
  const char* text = krb5_get_error_message(krb5.get(), probe.code);
  probe.text = text;
  krb5_free_error_message(krb5.get(), text);
  krb5_init_creds_free(krb5.get(), exchange);
  if (probe.offset) probe.code = 0;  // it said no, as it should: it is there
  return probe;
}

/// [libdefaults] clockskew, in seconds.
std::int64_t allowed_skew(const gss::Krb5Context& krb5) {
  profile_t profile = nullptr;
  int skew = 300;
  if (krb5_get_profile(krb5.get(), &profile) != 0) return skew;
  profile_get_integer(profile, "libdefaults", "clockskew", nullptr, 300, &skew);
  profile_release(profile);
  return skew;
}

bool is_unknown(krb5_error_code code) { return code == KRB5_REALM_UNKNOWN || code == KRB5_REALM_CANT_RESOLVE; }

/// The end of the ticket-granting ticket, or of whatever there is. Nothing: the cache has no tickets.
std::optional<std::int64_t> end_of_tickets(const gss::Krb5Context& krb5, krb5_ccache cache) {
  std::optional<std::int64_t> end;
  krb5_cc_cursor cursor = nullptr;
  if (krb5_cc_start_seq_get(krb5.get(), cache, &cursor) != 0) return end;
  gss::Creds creds(krb5);
  while (krb5_cc_next_cred(krb5.get(), cache, &cursor, creds.out()) == 0) {
    const krb5_creds& ticket = creds.get();
    if (krb5_is_config_principal(krb5.get(), ticket.server)) continue;
    const std::int64_t its_end = static_cast<std::uint32_t>(ticket.times.endtime);
    const bool grants = ticket.server->length == 2 && ticket.server->data[0].length == 6 &&
                        std::memcmp(ticket.server->data[0].data, "krbtgt", 6) == 0;
    if (!end || grants) end = its_end;
    if (grants) break;
  }
  krb5_cc_end_seq_get(krb5.get(), cache, &cursor);
  return end;
}

}  // namespace

Findings check_configuration(Patient& patient) {
  Findings findings;
  for (const std::string& problem : sspid::worker::unreadable_configuration())
    findings.push_back({State::wrong, "Kerberos' configuration cannot be read: " + problem,
                        "make it readable for everybody: chmod 0644"});
  for (const WorkerView& view : patient.workers()) {
    if (!view.report.is_object()) continue;
    for (const Json& problem : list_of(view.report, "unreadable"))
      if (problem.is_string())
        findings.push_back({State::wrong,
                            "the worker of " + text_of(view.worker, "identity") + ", user " +
                                std::to_string(number_of(view.report, "uid")) + ", cannot read " +
                                problem.get<std::string>(),
                            "make it readable for everybody, and the directories above it passable"});
  }
  if (const krb5_error_code code = patient.krb5.initialize(); code != 0)
    findings.push_back({State::wrong, "Kerberos' configuration cannot be used: " + patient.describe(code),
                        "mend krb5.conf, or KRB5_CONFIG, which names it"});
  if (findings.empty()) findings.push_back({State::well, "Kerberos' configuration can be read"});
  return findings;
}

Findings check_realm(Patient& patient) {
  if (!patient.krb5) return {{State::skipped, "Kerberos' configuration cannot be used"}};
  Findings findings;
  gss::DefaultRealm realm(patient.krb5);
  if (const krb5_error_code code = krb5_get_default_realm(patient.krb5.get(), realm.out()); code != 0)
    findings.push_back({State::wrong, "there is no default realm: " + patient.describe(code),
                        "set default_realm in [libdefaults] of krb5.conf"});
  else
    patient.default_realm = realm.get();
  check_keytab(patient);  // whose realms are used, too
  for (const std::string& name : patient.realms()) {
    Probe& probe = patient.probes[name] = probe_realm(patient.krb5, name);
    if (is_unknown(probe.code))
      findings.push_back({State::wrong, "realm " + name + " is not known here: " + probe.text,
                          "name its KDC in [realms] of krb5.conf, or let DNS have SRV records _kerberos._udp." + name});
    else
      findings.push_back({State::well, "realm " + name + " is known"});
  }
  return findings;
}

Findings check_kdc(Patient& patient) {
  Findings findings;
  for (const auto& [realm, probe] : patient.probes) {
    if (is_unknown(probe.code)) continue;
    if (probe.code == 0)
      findings.push_back({State::well, "a KDC of " + realm + " answers"});
    else
      findings.push_back(
          {State::wrong, "no KDC of " + realm + " answers: " + probe.text,
           "start the KDC, or let this host reach it: port 88, UDP and TCP; krb5.conf says where it is"});
  }
  if (findings.empty()) findings.push_back({State::skipped, "no realm is known"});
  return findings;
}

Findings check_clock(Patient& patient) {
  Findings findings;
  for (const auto& [realm, probe] : patient.probes) {
    if (!probe.offset) continue;
    const std::int64_t allowed = allowed_skew(patient.krb5);
    const std::int64_t offset = *probe.offset;
    const std::string text = "the KDC of " + realm + " is " + duration(offset < 0 ? -offset : offset) +
                             (offset < 0 ? " behind" : " ahead") + " of this host's clock";
    if (offset > allowed || -offset > allowed)
      findings.push_back({State::wrong, text + ", more than the " + std::to_string(allowed) + " s that Kerberos bears",
                          "set the clock: run a time service (chrony, systemd-timesyncd) here and on the KDC"});
    else
      findings.push_back({State::well, text});
  }
  if (findings.empty()) findings.push_back({State::skipped, "no KDC answers"});
  return findings;
}

Findings check_tickets(Patient& patient) {
  if (!patient.krb5) return {{State::skipped, "Kerberos' configuration cannot be used"}};
  gss::OpenCache cache(patient.krb5);
  gss::Principal owner(patient.krb5);
  krb5_error_code code = krb5_cc_default(patient.krb5.get(), cache.out());
  if (code == 0) code = krb5_cc_get_principal(patient.krb5.get(), cache.get(), owner.out());
  if (code != 0)
    return {{State::note, "user " + std::to_string(::getuid()) + " has no tickets: " + patient.describe(code),
             "who is to initiate runs kinit first; services need none"}};
  gss::UnparsedName name(patient.krb5);
  if (krb5_unparse_name(patient.krb5.get(), owner.get(), name.out()) != 0) return {};
  const auto end = end_of_tickets(patient.krb5, cache.get());
  const std::string whose = std::string("the tickets of ") + name.get();
  if (!end) return {{State::note, whose + " are gone", "run kinit"}};
  const std::int64_t left = *end - std::time(nullptr);
  if (left <= 0)
    return {{State::wrong, whose + " expired " + duration(-left) + " ago", std::string("run kinit ") + name.get()}};
  return {{State::well, whose + " are good for " + duration(left)}};
}

}  // namespace sspictl::diagnosis
