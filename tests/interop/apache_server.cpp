#include "apache_server.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "unprivileged.h"

namespace sspid::test {

namespace {

constexpr const char* kModules = "/usr/lib/apache2/modules/";

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  if (!(std::ofstream(file) << text).flush()) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace

ApacheServer::ApacheServer(const Realm& realm) {
  if (!std::filesystem::exists(std::string(kModules) + "mod_auth_gssapi.so"))
    throw std::runtime_error("mod_auth_gssapi is missing: install libapache2-mod-auth-gssapi");
  for (const char* place : {"negotiate", "krb5"})
    write(directory_.path() / "www" / place / "index.html", std::string("hello ") + place + '\n');
  std::filesystem::copy_file(realm.keytab(), directory_.file("keytab"));
  write_configuration();
  give_to_unprivileged(directory_.path());
  process_.emplace(
      Process::Options{.command = unprivileged({"apache2", "-f", directory_.file("httpd.conf"), "-DFOREGROUND"}),
                       .environment = realm.environment(),
                       .output = directory_.file("output")});
  await(
      "apache2: " + directory_.file("output"), [this] { return port_.open(); }, &*process_);
}

void ApacheServer::write_configuration() {
  std::string text = "ServerRoot " + directory_.path().string() +
                     "\nServerName localhost\nListen 127.0.0.1:" + port_.text() + "\nPidFile " +
                     directory_.file("pid") + "\nMutex file:" + directory_.path().string() + " default\nErrorLog " +
                     directory_.file("error.log") + "\nLogLevel info auth_gssapi:debug\n";
  for (const char* module : {"mpm_event", "authn_core", "authz_core", "authz_user", "dir", "headers", "auth_gssapi"})
    text += std::string("LoadModule ") + module + "_module " + kModules + "mod_" + module + ".so\n";
  text +=
      "StartServers 1\n"
      "ThreadsPerChild 8\n"
      "MinSpareThreads 1\n"
      "DirectoryIndex index.html\n"
      "DocumentRoot " +
      directory_.file("www") + "\n<Directory " + directory_.file("www") +
      ">\n"
      "    AuthType GSSAPI\n"
      "    AuthName tests\n"
      "    GssapiCredStore keytab:" +
      directory_.file("keytab") +
      "\n"
      "    GssapiNegotiateOnce On\n"
      "    Require valid-user\n"
      "    Header always set X-Remote-User \"expr=%{REMOTE_USER}\"\n"
      "</Directory>\n"
      "<Directory " +
      directory_.file("www/krb5") +
      ">\n"
      "    GssapiAllowedMech krb5\n"
      "</Directory>\n";
  write(directory_.path() / "httpd.conf", text);
}

}  // namespace sspid::test
