#include "samba_realm.h"

#include <chrono>
#include <fstream>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <stdlib.h>
#include <sys/stat.h>

namespace sspid::test {

namespace {

std::optional<std::int64_t> time_of(const nlohmann::json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<std::int64_t>());
}

DomainUser domain_user(const nlohmann::json& user) {
  return {user.at("sid"), user.at("primary"), user.at("groups").get<std::set<std::string>>(),
          time_of(user.at("password ends")), time_of(user.at("account ends"))};
}

}  // namespace

SambaRealm::SambaRealm(const std::string& realm) {
  write_configuration(realm);
  const nlohmann::json users = nlohmann::json::parse(provision());
  alice_ = domain_user(users.at("alice"));
  bob_ = domain_user(users.at("bob"));
  ::chmod(keytab().c_str(), 0644);

  samba_.emplace(Process::Options{.command = {"samba", "-i", "-M", "single", "-s", directory_.file("ad/etc/smb.conf")},
                                  .environment = environment(),
                                  .output = directory_.file("samba.log")});
  await(
      "Samba's KDC: " + directory_.file("samba.log"), [this] { return port_.open(); }, &*samba_);
  kinit("alice", "Alicepw1!", cache());
}

std::string SambaRealm::provision() {
  // Some seconds of computing: on a loaded machine more than anything else that a test waits for.
  constexpr std::chrono::minutes kLong{5};
  (void)find_program("samba");  // says what to install
  const std::string log = directory_.file("provision.log");
  Process tools({.command = {"sh", "-c", "exec /usr/bin/python3 \"$0\" \"$1\" \"$2\" >\"$1/users\"", SAMBA_DOMAIN,
                             directory_.path(), port_.text()},
                 .environment = environment(),
                 .output = log});
  if (const std::optional<int> status = tools.wait(kLong); status != 0)
    throw std::runtime_error("Samba's tools " +
                             (status ? "end with " + std::to_string(*status) : std::string("do not come to an end")) +
                             "\n" + read_text(log));
  return read_text(directory_.file("users"));
}

void SambaRealm::write_configuration(const std::string& realm) {
  ::mkdir(directory_.file("rcache").c_str(), 0777);
  ::chmod(directory_.file("rcache").c_str(), 01777);
  std::ofstream(directory_.file("mech"));
  std::ofstream out(directory_.file("krb5.conf"));
  out << "[libdefaults]\n"
         "    default_realm = AD.EXAMPLE.TEST\n"
         "    dns_lookup_kdc = false\n"
         "    dns_lookup_realm = false\n"
         "    dns_canonicalize_hostname = false\n"
         "    rdns = false\n"
         "    udp_preference_limit = 1\n"
         "[realms]\n"
         "    AD.EXAMPLE.TEST = {\n"
         "        kdc = 127.0.0.1:"
      << port_.text() << '\n'
      << realm
      << "    }\n"
         "[domain_realm]\n"
         "    .ad.example.test = AD.EXAMPLE.TEST\n";
}

Environment SambaRealm::environment() const {
  return with(base_environment(), {{"KRB5_CONFIG", directory_.file("krb5.conf")},
                                   {"KRB5CCNAME", "FILE:" + cache()},
                                   {"KRB5_KTNAME", "FILE:" + keytab()},
                                   {"KRB5RCACHEDIR", directory_.file("rcache")},
                                   {"GSS_MECH_CONFIG", directory_.file("mech")}});
}

void SambaRealm::enter() const {
  for (const auto& [name, value] : environment())
    if (name.starts_with("KRB5") || name == "GSS_MECH_CONFIG") ::setenv(name.c_str(), value.c_str(), 1);
}

void SambaRealm::kinit(const std::string& user, const std::string& password, const std::string& cache) {
  run_or_throw({"kinit", "-c", "FILE:" + cache, user}, environment(), password + '\n');
}

}  // namespace sspid::test
