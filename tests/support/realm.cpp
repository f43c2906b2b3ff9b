#include "realm.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "evidence.h"

namespace sspid::test {

namespace {

void write_text(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  if (!(out << text).flush()) throw std::runtime_error("cannot write " + path);
}

void make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0 || ::chmod(path.c_str(), mode) != 0)
    throw std::system_error(errno, std::generic_category(), path);
}

/// Of the package gss-ntlmssp, in the directory of this machine's architecture.
std::string ntlm_library() {
  for (const auto& directory : std::filesystem::directory_iterator("/usr/lib")) {
    const std::filesystem::path library = directory.path() / "gssntlmssp" / "gssntlmssp.so";
    if (std::error_code absent; std::filesystem::exists(library, absent)) return library;
  }
  throw std::runtime_error("gss-ntlmssp is not installed: apt-get install gss-ntlmssp");
}

std::string joined(const std::vector<std::string>& words, const std::string& suffix = {}) {
  std::string result;
  for (const std::string& word : words) result += (result.empty() ? "" : " ") + word + suffix;
  return result;
}

}  // namespace

std::string host_name() {
  std::string name(256, '\0');
  if (::gethostname(name.data(), name.size() - 1) != 0) throw std::runtime_error("this host has no name");
  return name.c_str();
}

Realm::Realm(const Options& options) : name_(options.name), ntlm_(options.ntlm) {
  for (const char* password : {"alicepw", "bobpw", "masterpw"}) remember_password(password);
  make_directory(file("kdc"), 0700);
  make_directory(file("rcache"), 01777);
  // Keeps mechanisms that happen to be installed out.
  write_text(file("mech"), ntlm_ ? "gssntlmssp_v1 1.3.6.1.4.1.311.2.2.10 " + ntlm_library() + '\n' : "");
  write_text(users(), "EXAMPLE:alice:alicepw\nEXAMPLE:bob:bobpw\n");
  write_configuration(options);
  write_kdc_configuration(options);

  std::vector<std::string> create = options.database.create;
  if (create.empty()) create = {"kdb5_util", "create", "-s", "-r", name_, "-P", "masterpw"};
  run_or_throw(create, kdc_environment());
  std::string commands = "addprinc -pw alicepw alice\naddprinc -pw bobpw bob\n";
  for (const char* service : {"host", "HTTP", "ldap", "postgres", "imap"})
    for (const std::string& host : {std::string("localhost"), host_name()}) {
      const std::string principal = std::string(service) + '/' + host;
      commands += "addprinc -randkey " + principal + "\nktadd -norandkey -k " + keytab() + ' ' + principal + '\n';
      if (host == host_name() && host == "localhost") break;
    }
  kadmin(commands);
  ::chmod(keytab().c_str(), 0644);
  start_kdc();
  if (options.password_service) start_password_service();
  kinit("alice", "alicepw", cache());
}

Realm::~Realm() { remember_keys_below(directory_.path()); }

void Realm::write_configuration(const Options& options) {
  const std::string permitted =
      options.permitted_enctypes.empty() ? "" : "    permitted_enctypes = " + joined(options.permitted_enctypes) + '\n';
  // TCP only: a port of it can be reserved. Without DNS nothing outside is asked.
  write_text(file("krb5.conf"),
             "[libdefaults]\n"
             "    default_realm = " +
                 name_ +
                 "\n"
                 "    dns_lookup_kdc = false\n"
                 "    dns_lookup_realm = false\n"
                 "    dns_canonicalize_hostname = false\n"
                 "    rdns = false\n"
                 "    udp_preference_limit = 1\n"
                 "    forwardable = true\n"
                 "    allow_rc4 = true\n"
                 "    default_ccache_name = FILE:" +
                 cache() +
                 "\n"
                 "    default_keytab_name = FILE:" +
                 keytab() + "\n" + permitted + options.libdefaults +
                 "\n[realms]\n"
                 "    " +
                 name_ +
                 " = {\n"
                 "        kdc = 127.0.0.1:" +
                 port_.text() +
                 "\n"
                 "        admin_server = 127.0.0.1:" +
                 admin_port_.text() +
                 "\n"
                 "        kpasswd_server = 127.0.0.1:" +
                 password_port_.text() +
                 "\n"
                 "    }\n"
                 "[domain_realm]\n"
                 "    localhost = " +
                 name_ +
                 "\n"
                 "    " +
                 host_name() + " = " + name_ + "\n" + options.sections);
}

void Realm::write_kdc_configuration(const Options& options) {
  write_text(file("kdc/acl"), "*/admin@" + name_ + " *\n");
  const std::string& module = options.database.module;
  const std::string where =
      module.empty() ? "        database_name = " + file("kdc/principal") : "        database_module = elsewhere";
  write_text(file("kdc/kdc.conf"),
             // Its own queue of 5 is too short for the many that may ask while it is paused.
             "[kdcdefaults]\n"
             "    kdc_tcp_listen_backlog = 256\n"
             "[realms]\n"
             "    " +
                 name_ + " = {\n" + where +
                 "\n"
                 "        key_stash_file = " +
                 file("kdc/stash") +
                 "\n"
                 "        acl_file = " +
                 file("kdc/acl") +
                 "\n"
                 "        kdc_listen = \"\"\n"
                 "        kdc_tcp_listen = 127.0.0.1:" +
                 port_.text() +
                 "\n"
                 "        kadmind_listen = 127.0.0.1:" +
                 admin_port_.text() +
                 "\n"
                 "        kpasswd_listen = 127.0.0.1:" +
                 password_port_.text() +
                 "\n"
                 "        max_life = 24h\n"
                 "        max_renewable_life = 7d\n"
                 "        supported_enctypes = " +
                 joined(options.key_enctypes, ":normal") +
                 "\n"
                 "    }\n"
                 "[logging]\n"
                 "    kdc = FILE:" +
                 file("kdc/log") + "\n" +
                 (module.empty() ? "" : "[dbmodules]\n    elsewhere = {\n" + module + "    }\n"));
}

Environment Realm::environment() const {
  const Environment of_kerberos = with(base_environment(), {{"KRB5_CONFIG", file("krb5.conf")},
                                                            {"KRB5CCNAME", "FILE:" + cache()},
                                                            {"KRB5_KTNAME", "FILE:" + keytab()},
                                                            {"KRB5RCACHEDIR", file("rcache")},
                                                            {"GSS_MECH_CONFIG", file("mech")}});
  return ntlm_ ? with(of_kerberos, {{"NTLM_USER_FILE", users()}}) : of_kerberos;
}

Environment Realm::kdc_environment() const { return with(environment(), {{"KRB5_KDC_PROFILE", file("kdc/kdc.conf")}}); }

void Realm::enter() const {
  for (const auto& [name, value] : environment())
    if (name.starts_with("KRB5") || name == "GSS_MECH_CONFIG" || name == "NTLM_USER_FILE")
      ::setenv(name.c_str(), value.c_str(), 1);
}

std::string Realm::kadmin(const std::string& commands) {
  // kadmin.local ends with status 0 whatever its commands came to; what failed is told by its words.
  std::vector<std::string> command{"kadmin.local", "-r", name_};
  // Names that are no text of the locale, and very long ones, do not come through its line editor.
  const bool is_ascii = std::all_of(commands.begin(), commands.end(), [](char c) { return (c & 0x80) == 0; });
  const bool as_argument = !is_ascii && commands.find('\n') + 1 == commands.size();
  if (as_argument) command.insert(command.end(), {"-q", commands.substr(0, commands.size() - 1)});
  std::string output = run_or_throw(command, kdc_environment(), as_argument ? std::string() : commands);
  for (const char* complaint : {"add_principal:", "modify_principal:", "delete_principal:", "change_password:",
                                "set_string:", "kadmin.local: ", "while "})
    for (std::size_t at = output.find(complaint); at != std::string::npos; at = output.find(complaint, at + 1)) {
      const std::string line = output.substr(at, output.find('\n', at) - at);
      if (line.find(" while ") != std::string::npos || line.starts_with("while "))
        throw std::runtime_error("kadmin: " + output);
    }
  return output;
}

void Realm::add_user(const std::string& user, const std::string& password, const std::string& options) {
  remember_password(password);
  kadmin("addprinc -pw " + password + ' ' + options + ' ' + user + '\n');
}

void Realm::add_service(const std::string& service, const std::string& options) {
  kadmin("addprinc -randkey " + options + ' ' + service + '\n');
}

void Realm::modify(const std::string& principal, const std::string& options) {
  kadmin("modprinc " + options + ' ' + principal + '\n');
}

void Realm::remove(const std::string& principal) { kadmin("delprinc -force " + principal + '\n'); }

void Realm::use_session_enctype(const std::string& service, const std::string& enctype) {
  kadmin("setstr " + service + " session_enctypes " + enctype + '\n');
}

void Realm::write_keytab(const std::string& principal, const std::string& path) {
  kadmin("ktadd -norandkey -k " + path + ' ' + principal + '\n');
  ::chmod(path.c_str(), 0644);
}

void Realm::change_keys(const std::string& service) { kadmin("cpw -randkey " + service + '\n'); }

void Realm::kinit(const std::string& user, const std::string& password, const std::string& cache,
                  const std::vector<std::string>& options) {
  std::vector<std::string> command{"kinit", "-c", "FILE:" + cache};
  command.insert(command.end(), options.begin(), options.end());
  command.push_back(user);
  run_or_throw(command, environment(), password + '\n');
}

void Realm::kinit_keytab(const std::string& principal, const std::string& keytab, const std::string& cache,
                         const std::vector<std::string>& options) {
  std::vector<std::string> command{"kinit", "-c", "FILE:" + cache, "-k", "-t", keytab};
  command.insert(command.end(), options.begin(), options.end());
  command.push_back(principal);
  run_or_throw(command, environment());
}

void Realm::start_kdc(const std::vector<std::string>& prefix) {
  std::vector<std::string> command = prefix;
  command.insert(command.end(), {"krb5kdc", "-n"});
  kdc_.emplace(
      Process::Options{.command = std::move(command), .environment = kdc_environment(), .output = file("kdc/out")});
  await(
      "the KDC: " + file("kdc/out"), [this] { return port_.open(); }, &*kdc_);
}

void Realm::stop_kdc() { kdc_.reset(); }

void Realm::start_password_service() {
  kadmind_.emplace(Process::Options{
      .command = {"kadmind", "-nofork"}, .environment = kdc_environment(), .output = file("kdc/kadmind")});
  await(
      "kadmind: " + file("kdc/kadmind"), [this] { return password_port_.open(); }, &*kadmind_);
}

void Realm::stop_password_service() { kadmind_.reset(); }

void Realm::pause_kdc() {
  kdc_->signal(SIGSTOP);
  const std::string status = "/proc/" + std::to_string(kdc_->pid()) + "/status";
  await("the KDC to pause", [&] { return read_text(status).find("State:\tT") != std::string::npos; });
}

bool Realm::request_waits() const {
  char local[16];
  std::snprintf(local, sizeof local, ":%04X ", static_cast<unsigned>(port_.number()));
  std::istringstream sockets(read_text("/proc/net/tcp"));
  // Of each socket: number, local address and port, remote ones, state (01: established), bytes to send : received.
  for (std::string line; std::getline(sockets, line);) {
    std::istringstream fields(line);
    std::string number, ours, theirs, state, queues;
    fields >> number >> ours >> theirs >> state >> queues;
    if ((ours + ' ').find(local) != std::string::npos && state == "01" && !queues.ends_with(":00000000")) return true;
  }
  return false;
}

void Realm::continue_kdc() { kdc_->signal(SIGCONT); }

}  // namespace sspid::test
