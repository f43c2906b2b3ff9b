#include "client-lib/endpoint.h"

#include <cerrno>

#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "client-lib/client_file.h"
#include "client-lib/embedded.h"
#include "client-lib/impersonation.h"

namespace sspi {

namespace {

constexpr std::chrono::seconds kDefaultTimeout{5};

bool has_more_rights_than_its_caller() { return getauxval(AT_SECURE) != 0; }

// Nothing where the program has more rights than its caller.
std::string environment(const char* name) {
  const char* value = secure_getenv(name);
  return value != nullptr ? value : "";
}

// Empty where there is none.
std::string users_file() {
  constexpr const char* kName = "/sspid/client.conf";
  if (const std::string directory = environment("XDG_CONFIG_HOME"); directory.starts_with('/'))
    return directory + kName;
  if (const std::string home = environment("HOME"); home.starts_with('/')) return home + "/.config" + kName;
  return {};
}

// The first that says something wins; a mistake in any ends the choice.
ClientFile read_files(const Places& places) {
  ClientFile chosen;
  if (const std::string path = users_file(); !path.empty()) chosen = read_client_file(path, FileOf::user);
  if (!chosen.mistake.empty()) return chosen;
  ClientFile systems = read_client_file(places.system_file, FileOf::system);
  if (!systems.mistake.empty()) return systems;
  if (!chosen.socket) chosen.socket = std::move(systems.socket);
  if (!chosen.connect_timeout) chosen.connect_timeout = systems.connect_timeout;
  return chosen;
}

std::vector<std::string> choose_paths(const ClientFile& files, const Places& places) {
  if (const std::string named = environment("SSPI_SOCKET"); !named.empty()) return {named};
  // A daemon of its own would be one with these rights and the caller's environment.
  if (files.socket && !(*files.socket == kEmbedded && has_more_rights_than_its_caller())) return {*files.socket};
  std::vector<std::string> paths{places.system_socket};
  if (const std::string runtime = environment("XDG_RUNTIME_DIR"); runtime.starts_with('/'))
    paths.push_back(runtime + "/sspid.sock");
  return paths;
}

}  // namespace

Choice choose_daemon(const Places& places) {
  const AsProcess as_process;
  const ClientFile files = read_files(places);
  if (!files.mistake.empty()) return {.paths = {}, .mistake = files.mistake};
  const auto asked_for = parse_timeout(environment("SSPI_CONNECT_TIMEOUT"));
  return {.paths = choose_paths(files, places),
          .patience = asked_for.value_or(files.connect_timeout.value_or(kDefaultTimeout)),
          .mistake = {}};
}

bool is_absent(const std::string& path) {
  const AsProcess as_process;
  const auto slash = path.rfind('/');
  if (slash == path.npos || slash == 0) return false;
  struct stat status {};
  return stat(path.substr(0, slash).c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

}  // namespace sspi
