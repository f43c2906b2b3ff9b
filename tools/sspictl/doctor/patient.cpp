#include "doctor/patient.h"

namespace sspictl::diagnosis {

std::set<std::string> Patient::principals() const {
  std::set<std::string> all;
  for (const auto& [path, keys] : readable)
    for (const auto& [principal, set] : keys) all.insert(principal);
  return all;
}

std::set<std::string> Patient::realms() const {
  std::set<std::string> all;
  if (!default_realm.empty()) all.insert(default_realm);
  for (const std::string& principal : principals()) all.insert(realm_of(principal));
  for (const std::string& principal : what.principals)
    if (principal.find('@') != std::string::npos) all.insert(realm_of(principal));
  return all;
}

const std::vector<WorkerView>& Patient::workers() const {
  static const std::vector<WorkerView> none;
  return daemon ? daemon->workers : none;
}

bool Patient::answers(const std::string& realm) const {
  const auto probe = probes.find(realm);
  return probe != probes.end() && probe->second.code == 0;
}

std::string Patient::describe(krb5_error_code code) const {
  if (!krb5) return "error " + std::to_string(code);
  const char* text = krb5_get_error_message(krb5.get(), code);
  std::string copy = text;
  krb5_free_error_message(krb5.get(), text);
  return copy;
}

std::string realm_of(const std::string& principal) { return principal.substr(principal.rfind('@') + 1); }

std::string name_of_enctype(krb5_enctype enctype) {
  char name[64];
  if (krb5_enctype_to_name(enctype, 0, name, sizeof name) == 0) return name;
  return "enctype " + std::to_string(enctype);
}

}  // namespace sspictl::diagnosis
