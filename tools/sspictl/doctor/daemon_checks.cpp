#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <gssapi/gssapi.h>
#include <unistd.h>

#include "daemon/worker/kerberos_files.h"
#include "doctor/checks.h"

namespace sspictl::diagnosis {

namespace {

/// How often a worker may have died before it is more than an accident.
constexpr std::int64_t kManyRestarts = 3;

std::string identity_of(const WorkerView& view) { return text_of(view.worker, "identity"); }

bool has_mechanism(const gss_OID_desc& wanted) {
  OM_uint32 minor = 0;
  gss_OID_set all = GSS_C_NO_OID_SET;
  int present = 0;
  if (GSS_ERROR(gss_indicate_mechs(&minor, &all))) return false;
  gss_OID_desc oid = wanted;
  gss_test_oid_set_member(&minor, &oid, all, &present);
  gss_release_oid_set(&minor, &all);
  return present != 0;
}

/// Without a daemon that could be asked: the mechanisms of this host, as this program sees them.
Findings check_installed() {
  static char kerberos[] = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
  static char spnego[] = "\x2b\x06\x01\x05\x05\x02";
  Findings findings;
  if (!has_mechanism({9, kerberos}))
    findings.push_back({State::wrong, "GSS-API has no mechanism Kerberos", "install libgssapi-krb5-2"});
  if (!has_mechanism({6, spnego}))
    findings.push_back({State::wrong, "GSS-API has no mechanism SPNEGO", "install libgssapi-krb5-2"});
  if (findings.empty()) findings.push_back({State::well, "Kerberos and SPNEGO are installed"});
  return findings;
}

std::string package_that_brings(const std::string& name) {
  if (name == "NTLM") return "install gss-ntlmssp";
  return "install the mechanism, and see that a file in /etc/gss/mech.d names it";
}

}  // namespace

Findings check_daemon(Patient& patient) {
  try {
    const Result pong = ping({patient.options.socket, {}, patient.options.timeout, Format::text});
    return {{State::well, pong.text}};
  } catch (const Failure& failure) {
    if (failure.status == Exit::forbidden) return {{State::well, "sspid is there on " + patient.options.socket}};
    return {{State::wrong, failure.what(),
             "start it: systemctl start sspid.socket, or run sspid --socket " + patient.options.socket}};
  }
}

Findings check_policy(Patient& patient) {
  Findings findings;
  try {
    (void)ping({patient.options.socket, {}, patient.options.timeout, Format::text});
    findings.push_back({State::well, "user " + std::to_string(::getuid()) + " is served"});
  } catch (const Failure& failure) {
    if (failure.status == Exit::forbidden)
      findings.push_back({State::wrong, "user " + std::to_string(::getuid()) + " matches no policy: " + failure.what(),
                          "let a service of the configuration match this user, or allow \"users\", then run sspictl "
                          "reload"});
    else
      findings.push_back({State::skipped, "no daemon answers"});
  }
  try {
    patient.daemon = ask(patient.options.administration(), sspid::admin::Kind::reports, patient.options.deadline());
  } catch (const Failure& failure) {
    findings.push_back({State::note, std::string("the daemon cannot be looked into: ") + failure.what(),
                        "run sspictl as root, or as a member of the group that the configuration names"});
    return findings;
  }
  const Json& supervisor = patient.daemon->supervisor;
  if (const auto rules = supervisor.find("refusals"); rules != supervisor.end() && rules->is_object())
    for (const auto& [rule, count] : rules->items())
      findings.push_back({State::note, to_line(count) + " connections were refused: " + rule,
                          "the log says of which processes and users: look for event=refusal"});
  return findings;
}

Findings check_workers(Patient& patient) {
  if (!patient.daemon) return {{State::skipped, "the daemon cannot be looked into"}};
  Findings findings;
  for (const WorkerView& view : patient.daemon->workers) {
    const std::string name = "worker " + std::to_string(number_of(view.worker, "pid")) + " of " + identity_of(view);
    if (const std::int64_t restarts = number_of(view.worker, "restarts"); restarts >= kManyRestarts)
      findings.push_back({State::wrong,
                          "workers of " + identity_of(view) + " died " + std::to_string(restarts) + " times",
                          "the log says of what: look for \"died\"; a bug report wants these lines"});
    if (!view.missing.empty())
      findings.push_back({State::wrong, "no answer from " + name + ": " + view.missing,
                          "kill it: another one takes its place, the contexts of its clients are lost"});
    else if (view.report.is_object())
      findings.push_back({State::well, name + " answers"});
  }
  if (findings.empty()) findings.push_back({State::well, "no worker is needed now"});
  return findings;
}

Findings check_mechanisms(Patient& patient) {
  Findings findings;
  for (const WorkerView& view : patient.workers()) {
    if (!view.report.is_object()) continue;
    std::string offered;
    for (const Json& package : list_of(view.report, "packages"))
      if (package.is_object()) offered += (offered.empty() ? "" : ", ") + text_of(package, "name");
    for (const Json& name : list_of(view.report, "missing_packages"))
      if (name.is_string())
        findings.push_back({State::wrong,
                            "package " + name.get<std::string>() + " is offered to " + identity_of(view) +
                                ", but its mechanism is not installed",
                            package_that_brings(name.get<std::string>())});
    findings.push_back({offered.empty() ? State::wrong : State::well,
                        identity_of(view) + " has " + (offered.empty() ? "no package" : offered)});
  }
  return findings.empty() ? check_installed() : findings;
}

Findings check_replay_cache(Patient& patient) {
  Findings findings;
  const auto judge = [&](const std::string& whose, const std::string& directory, const std::string& problem) {
    if (problem.empty())
      findings.push_back(
          {State::well, directory.empty() ? whose + " uses no replay cache" : whose + " can write to " + directory});
    else
      findings.push_back({State::wrong, whose + " cannot write to its replay cache, so accepts nothing: " + problem,
                          "give the directory to the worker's user, mode 0700; KRB5RCACHEDIR names another one"});
  };
  if (patient.what.replay_cache) ::setenv("KRB5RCACHEDIR", patient.what.replay_cache->c_str(), 1);
  for (const WorkerView& view : patient.workers()) {
    if (!view.report.is_object()) continue;
    const Json cache = view.report.value("replay_cache", Json::object());
    if (cache.is_object())
      judge("the worker of " + identity_of(view), text_of(cache, "directory"), text_of(cache, "problem"));
  }
  if (findings.empty() || patient.what.replay_cache) {
    const auto cache = sspid::worker::replay_cache();
    judge("user " + std::to_string(::getuid()), cache.directory, cache.problem);
  }
  return findings;
}

}  // namespace sspictl::diagnosis
