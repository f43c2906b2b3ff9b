#include "slapd.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace sspid::test {

namespace {

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  if (!(std::ofstream(file) << text).flush()) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace

Slapd::Slapd(const Realm& realm) {
  if (!std::filesystem::exists("/etc/ldap/schema/core.schema"))
    throw std::runtime_error("OpenLDAP's schema is missing: install slapd");
  std::filesystem::create_directories(directory_.path() / "db");
  write_configuration(realm);
  write_entries();
  const Environment environment = with(realm.environment(), {{"SASL_CONF_PATH", directory_.file("sasl")}});
  run_or_throw({"slapadd", "-f", directory_.file("slapd.conf"), "-l", directory_.file("entries.ldif")}, environment);
  process_.emplace(Process::Options{
      .command = {"slapd", "-d", "256", "-f", directory_.file("slapd.conf"), "-h", "ldap://127.0.0.1:" + port_.text()},
      .environment = environment,
      .output = directory_.file("log")});
  await(
      "slapd: " + directory_.file("log"), [this] { return port_.open(); }, &*process_);
}

void Slapd::write_configuration(const Realm& realm) {
  write(directory_.path() / "sasl" / "slapd.conf", "mech_list: GSSAPI GSS-SPNEGO\n");
  // Names come as uid=alice,cn=gssapi,cn=auth, or with the realm between.
  write(directory_.path() / "slapd.conf",
        "include /etc/ldap/schema/core.schema\n"
        "modulepath /usr/lib/ldap\n"
        "moduleload back_mdb\n"
        "pidfile " +
            directory_.file("pid") +
            "\n"
            "sasl-host localhost\n"
            "sasl-realm " +
            realm.name() +
            "\n"
            "authz-regexp \"uid=([^,]*),cn=[^,]*,cn=auth\" \"uid=$1,dc=example,dc=test\"\n"
            "authz-regexp \"uid=([^,]*),cn=[^,]*,cn=[^,]*,cn=auth\" \"uid=$1,dc=example,dc=test\"\n"
            "database mdb\n"
            "suffix dc=example,dc=test\n"
            "directory " +
            directory_.file("db") +
            "\n"
            "maxsize 16777216\n"
            "access to * by users read by anonymous auth\n");
}

void Slapd::write_entries() {
  std::string text =
      "dn: dc=example,dc=test\n"
      "objectClass: dcObject\n"
      "objectClass: organization\n"
      "dc: example\n"
      "o: example\n";
  for (const char* user : {"alice", "bob"})
    text += std::string("\ndn: uid=") + user +
            ",dc=example,dc=test\n"
            "objectClass: organizationalRole\n"
            "objectClass: uidObject\n"
            "cn: " +
            user + "\nuid: " + user + "\ndescription: " + std::string(kLongValue, user[0]) + "\n";
  write(directory_.path() / "entries.ldif", text);
}

}  // namespace sspid::test
