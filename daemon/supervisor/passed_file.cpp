#include "daemon/supervisor/passed_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/limits.h"

namespace sspid::supervisor {

namespace {

constexpr const char* kSystemKeytab = "/etc/krb5.keytab";

std::string reason() { return std::system_category().message(errno); }

proto::Descriptor watch_directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  proto::Descriptor watch{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
  constexpr auto events = IN_CLOSE_WRITE | IN_MOVE | IN_CREATE | IN_DELETE | IN_ATTRIB;
  if (!watch || ::inotify_add_watch(watch.get(), directory.c_str(), events) < 0) return {};
  return watch;
}

// False when the source ended early or the kernel refused.
bool transfer(int from, int to, std::size_t bytes) {
  off_t offset = 0;
  while (bytes > 0) {
    const auto moved = ::sendfile(to, from, &offset, bytes);
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return false;
    bytes -= static_cast<std::size_t>(moved);
  }
  return true;
}

bool seal(int memory) {
  return ::lseek(memory, 0, SEEK_SET) == 0 &&
         ::fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0;
}

}  // namespace

std::optional<std::string> keytab_path(const char* krb5_ktname) {
  if (krb5_ktname == nullptr || *krb5_ktname == '\0') return kSystemKeytab;
  const std::string_view name{krb5_ktname};
  for (const std::string_view type : {"FILE:", "WRFILE:"})
    if (name.substr(0, type.size()) == type) return std::string{name.substr(type.size())};
  // As libkrb5 reads it: an absolute path has no type, and neither has a name without a colon.
  if (name.front() == '/' || name.find(':') == std::string_view::npos) return std::string{name};
  return std::nullopt;
}

bool PassedFile::Fingerprint::operator==(const Fingerprint& other) const {
  const auto same = [](const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; };
  return device == other.device && inode == other.inode && size == other.size && same(modified, other.modified) &&
         same(status_changed, other.status_changed);
}

PassedFile::PassedFile(std::string what, std::string path)
    : what_(std::move(what)),
      path_(std::move(path)),
      name_(path_.substr(path_.rfind('/') + 1)),
      watch_(watch_directory_of(path_)) {}

PassedFile::Fingerprint PassedFile::now() const {
  struct stat file {};
  if (::stat(path_.c_str(), &file) != 0) return {};
  return {file.st_dev, file.st_ino, file.st_size, file.st_mtim, file.st_ctim};
}

bool PassedFile::changed() const { return !(now() == seen_); }

proto::Descriptor PassedFile::copy() {
  // Taken before the content: what is written in between makes the copy look stale, and it is made again.
  seen_ = now();
  // Non-blocking, so that a FIFO in its place cannot hold the supervisor up.
  const proto::Descriptor file{::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
  if (!file) {
    if (errno != ENOENT) spdlog::warn("{} {} cannot be opened: {}", what_, path_, reason());
    return {};
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    spdlog::warn("{} {} is no regular file", what_, path_);
    return {};
  }
  return copy_of(file.get(), static_cast<std::size_t>(status.st_size));
}

proto::Descriptor PassedFile::copy_of(int file, std::size_t size) const {
  if (size > proto::kMaxKeyFile) {
    spdlog::warn("{} {} has {} bytes, more than the {} that sspid takes", what_, path_, size, proto::kMaxKeyFile);
    return {};
  }
  proto::Descriptor memory{::memfd_create("sspid-secret", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  if (!memory || !transfer(file, memory.get(), size) || !seal(memory.get())) {
    spdlog::warn("{} {} cannot be copied: {}", what_, path_, reason());
    return {};
  }
  return memory;
}

bool PassedFile::drain_watch() {
  bool concerned = false;
  alignas(inotify_event) std::array<char, 4096> events;
  while (true) {
    const auto got = ::read(watch_.get(), events.data(), events.size());
    if (got <= 0) return concerned;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event;
      std::memcpy(&event, events.data() + at, sizeof event);
      const char* name = events.data() + at + sizeof event;
      concerned |= (event.mask & IN_Q_OVERFLOW) != 0 || (event.len > 0 && name_ == name);
      at += sizeof event + event.len;
    }
  }
}

}  // namespace sspid::supervisor
