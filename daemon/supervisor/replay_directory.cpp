#include "daemon/supervisor/replay_directory.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/descriptor.h"

namespace sspid::supervisor {

namespace {

void check(bool good, const std::string& path) {
  if (!good) throw std::system_error{errno, std::system_category(), path};
}

// Whoever owns a folder on the way could put another one there. A new one has its mode whatever the umask is, because
// workers have to come through.
void make(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0) return check(::chmod(path.c_str(), mode) == 0, path);
  check(errno == EEXIST, path);
}

// Without CAP_FOWNER only its owner may set a folder's mode. Nobody else is in it before it has that mode.
void give(int folder, uid_t owner, const std::string& path) {
  const auto belong_to = [&](uid_t user) { check(::fchown(folder, user, static_cast<gid_t>(-1)) == 0, path); };
  struct stat now {};
  check(::fstat(folder, &now) == 0, path);
  if ((now.st_mode & 07777) != 0700) {
    belong_to(::geteuid());
    check(::fchmod(folder, 0700) == 0, path);
  }
  if (now.st_uid != owner || (now.st_mode & 07777) != 0700) belong_to(owner);
}

std::string path_of(const std::string& state, const std::string& name) { return state + "/rcache/" + name; }

}  // namespace

std::string make_replay_directory(const std::string& state, const std::string& name, uid_t owner) {
  make(state, 0755);
  make(state + "/rcache", 0711);
  const std::string path = path_of(state, name);
  make(path, 0700);
  const proto::Descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  check(static_cast<bool>(folder), path);
  give(folder.get(), owner, path);
  return path;
}

uid_t owner_of_replay_directory(const std::string& state, const std::string& name) {
  struct stat folder {};
  const bool is_there = ::lstat(path_of(state, name).c_str(), &folder) == 0 && S_ISDIR(folder.st_mode);
  return is_there ? folder.st_uid : 0;
}

}  // namespace sspid::supervisor
