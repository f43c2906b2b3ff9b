#include "daemon/worker/kerberos_files.h"

#include <cerrno>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/descriptor.h"

namespace sspid::worker {

namespace {

/// KRB5RCACHENAME, then KRB5RCACHETYPE and KRB5RCACHEDIR, then /var/tmp: as libkrb5 looks.
std::string directory() {
  const char* name = std::getenv("KRB5RCACHENAME");
  if (name && std::string_view(name) != "dfl:") return {};  // "none:", or a file that somebody chose by name
  const char* type = std::getenv("KRB5RCACHETYPE");
  if (type && std::string_view(type) == "none") return {};
  for (const char* variable : {"KRB5RCACHEDIR", "TMPDIR"})
    if (const char* value = std::getenv(variable)) return value;
  return "/var/tmp";
}

std::string reason() { return std::system_category().message(errno); }

/// The file is there already, as libkrb5 names it: it must be this user's and nobody else's.
std::string problem_of(const std::string& file) {
  struct stat status {};
  if (::lstat(file.c_str(), &status) != 0) return errno == ENOENT ? std::string() : file + ": " + reason();
  if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid())
    return file + " belongs to user " + std::to_string(status.st_uid) + " or is no file";
  return ::access(file.c_str(), R_OK | W_OK) == 0 ? std::string() : file + ": " + reason();
}

}  // namespace

std::vector<std::string> configuration_files() {
  const char* named = std::getenv("KRB5_CONFIG");
  std::istringstream paths{named ? named : "/etc/krb5.conf"};
  std::vector<std::string> files;
  for (std::string path; std::getline(paths, path, ':');) files.push_back(path);
  return files;
}

std::vector<std::string> unreadable_configuration() {
  std::vector<std::string> problems;
  for (const std::string& file : configuration_files())
    if (::access(file.c_str(), R_OK) != 0) problems.push_back(file + ": " + reason());
  return problems;
}

ReplayCache replay_cache() {
  ReplayCache cache;
  cache.directory = directory();
  if (cache.directory.empty()) return cache;
  // A file without a name leaves no trace, and needs all that one with a name would.
  const proto::Descriptor tried{::open(cache.directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)};
  if (!tried && errno != EOPNOTSUPP)
    cache.problem = cache.directory + ": " + reason();
  else
    cache.problem = problem_of(cache.directory + "/krb5_" + std::to_string(::geteuid()) + ".rcache2");
  return cache;
}

}  // namespace sspid::worker
