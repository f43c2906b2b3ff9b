#include "daemon/worker/sandbox/places.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <system_error>

namespace sspid::worker::sandbox {

namespace {

namespace fs = std::filesystem;
using Places = std::vector<std::string>;

// As deep as libkrb5 goes; files that include each other in a circle end there.
constexpr int kDeepest = 10;

std::string variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

// Never the root: a stray "/" must not open everything.
void add(Places& places, const fs::path& place) {
  const fs::path clean = place.lexically_normal();
  if (clean.is_absolute() && clean.has_relative_path()) places.push_back(clean.string());
}

void append(Places& places, Places more) {
  places.insert(places.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// The rest of a line that begins with this word and a blank.
std::string argument_of(const std::string& line, std::string_view word) {
  const auto begin = line.find_first_not_of(" \t");
  if (begin == line.npos || line.compare(begin, word.size(), word) != 0) return {};
  const auto blank = begin + word.size();
  const auto argument = line.find_first_not_of(" \t", blank);
  if (argument == line.npos || argument == blank) return {};
  return line.substr(argument, line.find_last_not_of(" \t\r") + 1 - argument);
}

// "FILE:/etc/ssl/ca.pem", "sss:/usr/lib/sss.so", "/var/lib/ca": what begins with a slash behind a blank, colon or
// comma. A host of "https://host/path" does not, nor does a path whose end only libkrb5 knows.
void add_paths_of_value(Places& places, const std::string& line) {
  const auto equals = line.find('=');
  if (equals == line.npos || line.find_first_not_of(" \t") == line.find_first_of("#;")) return;
  std::string value = line.substr(equals + 1);
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t end = std::min(value.find_first_of(" \t\r,;:\"", at), value.size());
    const std::string word = value.substr(at, end - at);
    if (word.starts_with('/') && !word.starts_with("//") && word.find("%{") == word.npos) add(places, word);
    at = end + 1;
  }
}

void add_profile(Places& places, const fs::path& file, int depth);

void add_profiles_in(Places& places, const fs::path& directory, int depth) {
  add(places, directory);
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(directory, unreadable)) add_profile(places, entry.path(), depth);
}

void add_profile(Places& places, const fs::path& file, int depth) {
  add(places, file.parent_path());
  std::error_code missing;
  // A link's target has its directory, too: /etc/krb5.conf.d/sssd -> /var/lib/sss/…
  if (const fs::path target = fs::canonical(file, missing); !missing) add(places, target.parent_path());
  if (depth == kDeepest) return;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (const auto included = argument_of(line, "include"); !included.empty())
      add_profile(places, included, depth + 1);
    else if (const auto directory = argument_of(line, "includedir"); !directory.empty())
      add_profiles_in(places, directory, depth + 1);
    else
      add_paths_of_value(places, line);
  }
}

void add_mechanisms(Places& places, const fs::path& file) {
  add(places, file.parent_path());
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name, oid, library;
    if (words >> name >> oid >> library && name[0] != '#') add(places, fs::path(library).parent_path());
  }
}

}  // namespace

Places library_places() {
  Places places{"/etc", "/usr", "/lib", "/lib64", "/var/lib/sss",
                // Name services: what they keep outside /etc, and where /etc/resolv.conf leads.
                "/run/systemd/resolve", "/run/systemd/userdb", "/run/host/userdb", "/run/nscd", "/var/cache/nscd",
                "/var/db",
                // This process; what the C library and OpenSSL ask of the machine.
                "/proc/self", "/proc/sys/crypto", "/proc/sys/kernel", "/proc/sys/vm/overcommit_memory", "/proc/cpuinfo",
                "/proc/filesystems", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu",
                // Devices.
                "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"};
  std::error_code missing;
  if (const fs::path resolver = fs::canonical("/etc/resolv.conf", missing); !missing)
    add(places, resolver.parent_path());
  return places;
}

Places configured_places() {
  Places places;
  std::istringstream files(variable("KRB5_CONFIG", "/etc/krb5.conf"));
  for (std::string file; std::getline(files, file, ':');) append(places, places_of_profile(file));
  const std::string mechanisms = variable("GSS_MECH_CONFIG", "/etc/gss/mech");
  append(places, places_of_mechanisms(mechanisms));
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator("/etc/gss/mech.d", unreadable))
    append(places, places_of_mechanisms(entry.path()));
  return places;
}

Places places_of_profile(const fs::path& file) {
  Places places;
  add_profile(places, file, 0);
  return places;
}

Places places_of_mechanisms(const fs::path& file) {
  Places places;
  add_mechanisms(places, file);
  return places;
}

Places writable_devices() {
  Places devices{"/dev/null"};
  add(devices, variable("KRB5_TRACE", ""));
  return devices;
}

std::string replay_cache_directory() { return variable("KRB5RCACHEDIR", "/var/tmp"); }

}  // namespace sspid::worker::sandbox
