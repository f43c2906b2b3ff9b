#include "ldap_realm.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sspid::test {

namespace {

constexpr const char* kSuffix = "dc=example,dc=test";
constexpr const char* kContainer = "cn=krb5,dc=example,dc=test";

// The schema by which MIT's KDC stores its principals, as far as it is needed here: numbers and names are given by the
// KDC. The schema that comes with it is documentation, which container images leave out.
struct Syntax {
  const char* oid;
  const char* equality;
};
constexpr Syntax kText{"1.3.6.1.4.1.1466.115.121.1.26", "caseExactIA5Match"};
constexpr Syntax kWords{"1.3.6.1.4.1.1466.115.121.1.15", "caseIgnoreMatch"};
constexpr Syntax kNumber{"1.3.6.1.4.1.1466.115.121.1.27", "integerMatch"};
constexpr Syntax kTime{"1.3.6.1.4.1.1466.115.121.1.24", "generalizedTimeMatch"};
constexpr Syntax kBytes{"1.3.6.1.4.1.1466.115.121.1.40", "octetStringMatch"};
constexpr Syntax kEntry{"1.3.6.1.4.1.1466.115.121.1.12", "distinguishedNameMatch"};

struct Attribute {
  const char* oid;
  const char* name;
  const Syntax& syntax;
};
constexpr Attribute kAttributes[] = {
    {"2.16.840.1.113719.1.301.4.1.1", "krbPrincipalName", kText},
    {"1.2.840.113554.1.4.1.6.1", "krbCanonicalName", kText},
    {"2.16.840.1.113719.1.301.4.3.1", "krbPrincipalType", kNumber},
    {"2.16.840.1.113719.1.301.4.6.1", "krbPrincipalExpiration", kTime},
    {"2.16.840.1.113719.1.301.4.8.1", "krbTicketFlags", kNumber},
    {"2.16.840.1.113719.1.301.4.9.1", "krbMaxTicketLife", kNumber},
    {"2.16.840.1.113719.1.301.4.10.1", "krbMaxRenewableAge", kNumber},
    {"2.16.840.1.113719.1.301.4.25.1", "krbSearchScope", kNumber},
    {"2.16.840.1.113719.1.301.4.36.1", "krbPwdPolicyReference", kEntry},
    {"2.16.840.1.113719.1.301.4.37.1", "krbPasswordExpiration", kTime},
    {"2.16.840.1.113719.1.301.4.39.1", "krbPrincipalKey", kBytes},
    {"2.16.840.1.113719.1.301.4.40.1", "krbTicketPolicyReference", kEntry},
    {"2.16.840.1.113719.1.301.4.41.1", "krbSubTrees", kEntry},
    {"2.16.840.1.113719.1.301.4.43.1", "krbSupportedEncSaltTypes", kWords},
    {"2.16.840.1.113719.1.301.4.44.1", "krbPwdHistory", kBytes},
    {"2.16.840.1.113719.1.301.4.45.1", "krbLastPwdChange", kTime},
    {"2.16.840.1.113719.1.301.4.46.1", "krbMKey", kBytes},
    {"2.16.840.1.113719.1.301.4.48.1", "krbLastSuccessfulAuth", kTime},
    {"2.16.840.1.113719.1.301.4.49.1", "krbLastFailedAuth", kTime},
    {"2.16.840.1.113719.1.301.4.50.1", "krbLoginFailedCount", kNumber},
    {"2.16.840.1.113719.1.301.4.51.1", "krbExtraData", kBytes},
    {"2.16.840.1.113719.1.301.4.52.1", "krbObjectReferences", kEntry},
    {"2.16.840.1.113719.1.301.4.53.1", "krbPrincContainerRef", kEntry},
    {"2.16.840.1.113730.3.8.15.2.1", "krbPrincipalAuthInd", kWords},
    {"1.3.6.1.4.1.5322.21.2.4", "krbAllowedToDelegateTo", kText},
    {"1.3.6.1.4.1.5322.21.2.5", "krbLastAdminUnlock", kTime},
};

constexpr const char* kClasses =
    "objectclass ( 2.16.840.1.113719.1.301.6.1.1 NAME 'krbContainer' SUP top STRUCTURAL MUST ( cn ) )\n"
    "objectclass ( 2.16.840.1.113719.1.301.6.2.1 NAME 'krbRealmContainer' SUP top STRUCTURAL MUST ( cn )\n"
    "  MAY ( krbMKey $ krbSubTrees $ krbSearchScope $ krbSupportedEncSaltTypes $ krbTicketPolicyReference $\n"
    "        krbPwdPolicyReference $ krbPrincContainerRef ) )\n"
    "objectclass ( 2.16.840.1.113719.1.301.6.8.1 NAME 'krbPrincipalAux' SUP top AUXILIARY\n"
    "  MAY ( krbPrincipalName $ krbCanonicalName $ krbPrincipalKey $ krbTicketPolicyReference $\n"
    "        krbPrincipalExpiration $ krbPasswordExpiration $ krbPwdPolicyReference $ krbPrincipalType $\n"
    "        krbPwdHistory $ krbLastPwdChange $ krbLastAdminUnlock $ krbLastSuccessfulAuth $ krbLastFailedAuth $\n"
    "        krbLoginFailedCount $ krbExtraData $ krbAllowedToDelegateTo $ krbPrincipalAuthInd ) )\n"
    "objectclass ( 2.16.840.1.113719.1.301.6.9.1 NAME 'krbPrincipal' SUP top MUST ( krbPrincipalName )\n"
    "  MAY ( krbObjectReferences ) )\n"
    "objectclass ( 2.16.840.1.113719.1.301.6.14.1 NAME 'krbPwdPolicy' SUP top MUST ( cn ) )\n"
    "objectclass ( 2.16.840.1.113719.1.301.6.16.1 NAME 'krbTicketPolicyAux' SUP top AUXILIARY\n"
    "  MAY ( krbTicketFlags $ krbMaxTicketLife $ krbMaxRenewableAge ) )\n"
    "objectclass ( 2.16.840.1.113719.1.301.6.17.1 NAME 'krbTicketPolicy' SUP top MUST ( cn ) )\n";

std::string schema() {
  std::string text;
  for (const Attribute& attribute : kAttributes)
    text += std::string("attributetype ( ") + attribute.oid + " NAME '" + attribute.name + "' EQUALITY " +
            attribute.syntax.equality + " SYNTAX " + attribute.syntax.oid + " )\n";
  return text + kClasses;
}

/// Whoever runs this, as slapd sees it on its local socket.
std::string own_dn() {
  return "gidNumber=" + std::to_string(::getegid()) + "+uidNumber=" + std::to_string(::geteuid()) +
         ",cn=peercred,cn=external,cn=auth";
}

void write(const std::string& file, const std::string& text) {
  if (!(std::ofstream(file) << text).flush()) throw std::runtime_error("cannot write " + file);
}

Realm::Options in_directory(const PrincipalDirectory& directory, const std::string& sections) {
  Realm::Options options;
  options.sections = sections;
  options.database.module = std::string("        db_library = kldap\n        ldap_kerberos_container_dn = ") +
                            kContainer + "\n        ldap_servers = " + directory.url() +
                            "\n"
                            "        ldap_kdc_sasl_mech = EXTERNAL\n"
                            "        ldap_kadmind_sasl_mech = EXTERNAL\n";
  // "-s" also writes the stash file, and the container must be there for nothing but the realm below it.
  options.database.create = {"kdb5_ldap_util", "-r", options.name, "create",  "-subtrees",
                             kContainer,       "-s", "-P",         "masterpw"};
  return options;
}

}  // namespace

PrincipalDirectory::PrincipalDirectory() {
  if (!std::filesystem::exists("/etc/ldap/schema/core.schema"))
    throw std::runtime_error("OpenLDAP's schema is missing: install slapd");
  std::filesystem::create_directories(directory_.path() / "db");
  write_configuration();
  write(directory_.file("entries.ldif"), std::string("dn: ") + kSuffix +
                                             "\nobjectClass: dcObject\nobjectClass: organization\ndc: example\n"
                                             "o: example\n");
  run_or_throw({"slapadd", "-f", directory_.file("slapd.conf"), "-l", directory_.file("entries.ldif")});
  slapd_.emplace(Process::Options{.command = {"slapd", "-d", "256", "-f", directory_.file("slapd.conf"), "-h", url()},
                                  .output = directory_.file("log")});
  await(
      "slapd: " + directory_.file("log"), [this] { return accepts(); }, &*slapd_);
}

void PrincipalDirectory::write_configuration() {
  write(directory_.file("kerberos.schema"), schema());
  write(directory_.file("slapd.conf"),
        "include /etc/ldap/schema/core.schema\n"
        "include " +
            directory_.file("kerberos.schema") +
            "\n"
            "modulepath /usr/lib/ldap\n"
            "moduleload back_mdb\n"
            "database mdb\n"
            "suffix " +
            kSuffix +
            "\n"
            "directory " +
            directory_.file("db") +
            "\n"
            "maxsize 16777216\n"
            "rootdn \"" +
            own_dn() + "\"\n");
}

std::string PrincipalDirectory::url() const {
  std::string url = "ldapi://";
  for (const char c : directory_.file("socket")) url += c == '/' ? "%2F" : std::string(1, c);
  return url;
}

bool PrincipalDirectory::accepts() const {
  const std::string path = directory_.file("socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("too long for a socket: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const proto::Descriptor probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void PrincipalDirectory::modify(const std::string& dn, const std::string& ldif) {
  run_or_throw({"ldapmodify", "-Q", "-Y", "EXTERNAL", "-H", url()}, base_environment(), "dn: " + dn + '\n' + ldif);
}

LdapRealm::LdapRealm(const std::string& sections) : realm(in_directory(directory_, sections)) {}

void LdapRealm::allow_delegation(const std::string& service, const std::vector<std::string>& targets) {
  std::string ldif = "changetype: modify\nreplace: krbAllowedToDelegateTo\n";
  for (const std::string& target : targets) ldif += "krbAllowedToDelegateTo: " + realm.qualified(target) + '\n';
  directory_.modify("krbPrincipalName=" + realm.qualified(service) + ",cn=" + realm.name() + ',' + kContainer, ldif);
}

}  // namespace sspid::test
