#include <algorithm>
#include <cerrno>
#include <system_error>

#include <unistd.h>

#include "doctor/checks.h"

namespace sspictl::diagnosis {

namespace {

using gss::Krb5Context;

/// Those that were named, else those that the daemon passes on, else what libkrb5 would take.
std::vector<std::string> find_keytabs(const Patient& patient) {
  if (!patient.what.keytabs.empty()) return patient.what.keytabs;
  std::set<std::string> all;
  for (const WorkerView& view : patient.workers())
    for (const Json& path : list_of(view.worker, "keytabs"))
      if (path.is_string()) all.insert(path.get<std::string>());
  if (!all.empty()) return {all.begin(), all.end()};
  char name[1024];
  if (krb5_kt_default_name(patient.krb5.get(), name, sizeof name) != 0) return {};
  std::string path = name;
  for (const char* type : {"FILE:", "WRFILE:"})
    if (path.rfind(type, 0) == 0) path.erase(0, std::string(type).size());
  return {path};
}

krb5_error_code open(const Krb5Context& krb5, const std::string& path, gss::KeytabHandle& keytab) {
  return krb5_kt_resolve(krb5.get(), ("FILE:" + path).c_str(), keytab.out());
}

krb5_error_code read_keys(const Krb5Context& krb5, const std::string& path, Keys& keys) {
  gss::KeytabHandle keytab(krb5);
  krb5_kt_cursor cursor = nullptr;
  krb5_error_code code = open(krb5, path, keytab);
  if (code == 0) code = krb5_kt_start_seq_get(krb5.get(), keytab.get(), &cursor);
  if (code != 0) return code;
  gss::KeytabEntry entry(krb5);
  while ((code = krb5_kt_next_entry(krb5.get(), keytab.get(), entry.out(), &cursor)) == 0) {
    gss::UnparsedName name(krb5);
    if (krb5_unparse_name(krb5.get(), entry.get().principal, name.out()) != 0) continue;
    keys[name.get()].keys.emplace(entry.get().vno, entry.get().key.enctype);
  }
  krb5_kt_end_seq_get(krb5.get(), keytab.get(), &cursor);
  return code == KRB5_KT_END ? 0 : code;
}

std::string keys_as_text(const KeySet& set) {
  std::map<krb5_kvno, std::string> by_version;
  for (const auto& [version, enctype] : set.keys) {
    std::string& names = by_version[version];
    names += (names.empty() ? "" : ", ") + name_of_enctype(enctype);
  }
  std::string text;
  for (const auto& [version, names] : by_version)
    text += (text.empty() ? "version " : "; version ") + std::to_string(version) + ": " + names;
  return text;
}

/// Makes what a keytab lacks. Both ways keep other keys as they are.
std::string refresh(const std::string& principal, const std::string& path) {
  return "write its keys again: kadmin -q 'ktadd -k " + path + ' ' + principal + "', which makes new ones";
}

/// With its realm, as keytabs have it.
std::string qualified(const Patient& patient, const std::string& principal) {
  return principal.find('@') == std::string::npos ? principal + '@' + patient.default_realm : principal;
}

// ---- What the KDC says of a service ----

/// A ticket-granting ticket alone, so that no service ticket from an earlier time answers: the caller's own, or one
/// that a key of the keytab earns.
class Asker {
 public:
  Asker(const Krb5Context& krb5) : krb5_(krb5), client_(krb5), cache_(krb5) {}

  [[nodiscard]] krb5_error_code use_own_tickets(const std::string& realm) {
    gss::OpenCache own(krb5_);
    gss::Principal granter(krb5_);
    gss::Creds ticket(krb5_);
    krb5_error_code code = krb5_cc_default(krb5_.get(), own.out());
    if (code == 0) code = krb5_cc_get_principal(krb5_.get(), own.get(), client_.out());
    if (code == 0)
      code = krb5_build_principal(krb5_.get(), granter.out(), static_cast<unsigned>(realm.size()), realm.c_str(),
                                  "krbtgt", realm.c_str(), nullptr);
    if (code != 0) return code;
    krb5_creds wanted{};
    wanted.client = client_.get();
    wanted.server = granter.get();
    code = krb5_cc_retrieve_cred(krb5_.get(), own.get(), 0, &wanted, ticket.out());
    if (code == 0 && static_cast<std::uint32_t>(ticket.get().times.endtime) <= std::time(nullptr))
      code = KRB5KRB_AP_ERR_TKT_EXPIRED;
    return code == 0 ? keep(ticket) : code;
  }

  [[nodiscard]] krb5_error_code use_key(const std::string& principal, const std::string& path) {
    gss::KeytabHandle keytab(krb5_);
    gss::Creds ticket(krb5_);
    krb5_error_code code = open(krb5_, path, keytab);
    if (code == 0) code = krb5_parse_name(krb5_.get(), principal.c_str(), client_.out());
    if (code == 0)
      code = krb5_get_init_creds_keytab(krb5_.get(), ticket.out(), client_.get(), keytab.get(), 0, nullptr, nullptr);
    return code == 0 ? keep(ticket) : code;
  }

  /// A ticket for `service`, as its clients get it.
  [[nodiscard]] krb5_error_code ask(krb5_principal service, gss::Creds& ticket) const {
    krb5_creds wanted{};
    wanted.client = client_.get();
    wanted.server = service;
    krb5_creds* got = nullptr;
    const krb5_error_code code = krb5_get_credentials(krb5_.get(), KRB5_GC_NO_STORE, cache_.get(), &wanted, &got);
    if (code != 0) return code;
    *ticket.out() = *got;
    std::free(got);
    return 0;
  }

 private:
  krb5_error_code keep(gss::Creds& ticket) {
    krb5_error_code code = krb5_cc_new_unique(krb5_.get(), "MEMORY", nullptr, cache_.out());
    if (code == 0) code = krb5_cc_initialize(krb5_.get(), cache_.get(), client_.get());
    if (code == 0) code = krb5_cc_store_cred(krb5_.get(), cache_.get(), ticket.inout());
    return code;
  }

  const Krb5Context& krb5_;
  gss::Principal client_;
  gss::OwnCache cache_;
};

/// Accepts the ticket as the service would, but for the replay cache.
krb5_error_code accept(const Krb5Context& krb5, const std::string& path, gss::Creds& ticket) {
  gss::KeytabHandle keytab(krb5);
  krb5_auth_context sender = nullptr, receiver = nullptr;
  gss::Krb5Data request(krb5);
  krb5_error_code code = open(krb5, path, keytab);
  if (code == 0) code = krb5_auth_con_init(krb5.get(), &receiver);
  if (code == 0) code = krb5_auth_con_setflags(krb5.get(), receiver, 0);
  if (code == 0) code = krb5_mk_req_extended(krb5.get(), &sender, 0, nullptr, ticket.inout(), request.out());
  if (code == 0)
    code = krb5_rd_req(krb5.get(), &receiver, &request.get(), ticket.get().server, keytab.get(), nullptr, nullptr);
  krb5_auth_con_free(krb5.get(), sender);
  krb5_auth_con_free(krb5.get(), receiver);
  return code;
}

bool has_version(const KeySet& set, krb5_kvno version) {
  return std::any_of(set.keys.begin(), set.keys.end(), [&](const auto& key) { return key.first == version; });
}

Finding judge(const Patient& patient, const std::string& principal, const std::string& path, const KeySet& set,
              gss::Creds& ticket) {
  gss::Ticket decoded(patient.krb5);
  if (const krb5_error_code code = krb5_decode_ticket(&ticket.get().ticket, decoded.out()); code != 0)
    return {State::skipped, "the KDC's ticket for " + principal + " cannot be read: " + patient.describe(code)};
  const krb5_kvno version = decoded.get()->enc_part.kvno;
  const krb5_enctype enctype = decoded.get()->enc_part.enctype;
  const std::string issued = "version " + std::to_string(version) + ", " + name_of_enctype(enctype);
  if (!has_version(set, version))
    return {State::wrong,
            "keytab " + path + " is not the KDC's for " + principal + ": the KDC uses key " + issued +
                ", the keytab has " + keys_as_text(set),
            refresh(principal, path)};
  if (set.keys.count({version, enctype}) == 0)
    return {State::wrong,
            "enctypes of " + principal + " do not match: the KDC uses key " + issued + ", keytab " + path + " has " +
                keys_as_text(set),
            refresh(principal, path)};
  const krb5_error_code code = accept(patient.krb5, path, ticket);
  if (code == KRB5_NOPERM_ETYPE || code == KRB5_PROG_ETYPE_NOSUPP)
    return {State::wrong,
            "enctypes do not match: the KDC uses " + name_of_enctype(enctype) + " for " + principal +
                ", which krb5.conf does not permit here",
            "let permitted_enctypes in [libdefaults] of krb5.conf have it, or give the principal other keys"};
  if (code != 0)
    return {State::wrong,
            "keytab " + path + " has another key of " + principal + " than the KDC: " + patient.describe(code),
            refresh(principal, path)};
  return {State::well, principal + " can accept: key " + issued};
}

/// What a KDC's refusal of a service means.
Finding judge_refusal(const Patient& patient, const std::string& principal, const std::string& path,
                      krb5_error_code code) {
  const std::string text = patient.describe(code);
  switch (code) {
    case KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN:
    case KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
      return {State::wrong, "the KDC does not know " + principal + ": " + text,
              "add it there (kadmin: addprinc -randkey), and write its keys to " + path + " (ktadd)"};
    case KRB5KDC_ERR_ETYPE_NOSUPP:
    case KRB5_CONFIG_ETYPE_NOSUPP:
      return {State::wrong, "enctypes of " + principal + " do not match: " + text,
              "let krb5.conf permit an enctype that the KDC has a key of, or give the principal other keys"};
    case KRB5KDC_ERR_PREAUTH_FAILED:
    case KRB5KRB_AP_ERR_BAD_INTEGRITY:
    case KRB5_KT_KVNONOTFOUND:
      return {State::wrong, "keytab " + path + " has no key of " + principal + " that the KDC takes: " + text,
              refresh(principal, path)};
    default:
      return {State::skipped, "the KDC gives no ticket for " + principal + ": " + text};
  }
}

Finding examine(const Patient& patient, const std::string& principal, const std::string& path, const KeySet& set) {
  Asker asker(patient.krb5);
  krb5_error_code code = asker.use_own_tickets(realm_of(principal));
  if (code != 0) code = asker.use_key(principal, path);
  gss::Principal service(patient.krb5);
  gss::Creds ticket(patient.krb5);
  if (code == 0) code = krb5_parse_name(patient.krb5.get(), principal.c_str(), service.out());
  if (code == 0) code = asker.ask(service.get(), ticket);
  return code == 0 ? judge(patient, principal, path, set, ticket) : judge_refusal(patient, principal, path, code);
}

}  // namespace

Findings check_keytab(Patient& patient) {
  if (!patient.krb5) return {{State::skipped, "Kerberos' configuration cannot be used"}};
  Findings findings;
  patient.keytabs = find_keytabs(patient);
  for (const std::string& path : patient.keytabs) {
    Keys keys;
    if (::access(path.c_str(), R_OK) != 0) {
      findings.push_back({State::wrong, "keytab " + path + " cannot be read: " + std::system_category().message(errno),
                          "it belongs to root, mode 0600: sspid reads it as root, workers get what is theirs"});
    } else if (const krb5_error_code code = read_keys(patient.krb5, path, keys); code != 0) {
      findings.push_back({State::wrong, "keytab " + path + " cannot be read: " + patient.describe(code),
                          "write it anew with kadmin's ktadd"});
    } else if (keys.empty()) {
      findings.push_back({State::wrong, "keytab " + path + " has no keys", "fill it with kadmin's ktadd"});
    } else {
      findings.push_back(
          {State::well, "keytab " + path + " has keys of " + std::to_string(keys.size()) + " principals"});
      patient.readable[path] = std::move(keys);
    }
  }
  return findings;
}

Findings check_principal(Patient& patient) {
  Findings findings;
  const auto known = patient.principals();
  for (const std::string& principal : patient.what.principals) {
    const std::string name = qualified(patient, principal);
    if (known.count(name) != 0) {
      findings.push_back({State::well, "there are keys of " + name});
      continue;
    }
    std::string there;
    for (const std::string& other : known) there += (there.empty() ? "" : ", ") + other;
    findings.push_back({State::wrong, "no keytab has keys of " + name + (there.empty() ? "" : ": only of " + there),
                        "write them to a keytab with kadmin's ktadd, or name the principal as the keytab does"});
  }
  if (findings.empty())
    findings.push_back(
        {known.empty() ? State::skipped : State::well, std::to_string(known.size()) + " principals have keys"});
  return findings;
}

Findings check_keys(Patient& patient) {
  Findings findings;
  std::set<std::string> wanted;
  for (const std::string& principal : patient.what.principals) wanted.insert(qualified(patient, principal));
  for (const auto& [path, keys] : patient.readable)
    for (const auto& [principal, set] : keys) {
      if (!wanted.empty() && wanted.count(principal) == 0) continue;
      if (patient.answers(realm_of(principal)))
        findings.push_back(examine(patient, principal, path, set));
      else
        findings.push_back({State::skipped, principal + ": no KDC of its realm answers"});
    }
  return findings;
}

}  // namespace sspictl::diagnosis
