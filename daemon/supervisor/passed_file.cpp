#include "daemon/supervisor/passed_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string_view>
#include <system_error>

#include <endian.h>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/keytab_file.h"
#include "daemon/supervisor/keytab_cut.h"
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

// Keys on their way from a file to its cut copy, wiped when they have passed.
class KeyBytes {
 public:
  explicit KeyBytes(std::size_t size) : bytes_(size) {}
  KeyBytes(const KeyBytes&) = delete;
  KeyBytes& operator=(const KeyBytes&) = delete;
  ~KeyBytes() { ::explicit_bzero(bytes_.data(), bytes_.size()); }

  [[nodiscard]] bool read(int file) {
    std::size_t done = 0;
    while (done < bytes_.size()) {
      const auto got = ::pread(file, bytes_.data() + done, bytes_.size() - done, static_cast<off_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      done += static_cast<std::size_t>(got);
    }
    return true;
  }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

// Into memory, where a write is whole or fails.
bool write_all(int memory, const void* bytes, std::size_t size) {
  return ::write(memory, bytes, size) == static_cast<ssize_t>(size);
}

bool write_entry(int memory, std::span<const std::byte> entry) {
  const std::uint32_t size = htobe32(static_cast<std::uint32_t>(entry.size()));
  return write_all(memory, &size, sizeof size) && write_all(memory, entry.data(), entry.size());
}

bool write_keytab(int memory, const KeytabCut& cut) {
  const std::uint16_t version = htobe16(kKeytabVersion2);
  return write_all(memory, &version, sizeof version) &&
         std::all_of(cut.entries.begin(), cut.entries.end(), [&](auto entry) { return write_entry(memory, entry); });
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

proto::Descriptor sealed_copy(std::string_view text) {
  proto::Descriptor memory{::memfd_create("sspid-grant", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  if (!memory || !write_all(memory.get(), text.data(), text.size()) || !seal(memory.get())) return {};
  return memory;
}

bool PassedFile::Fingerprint::operator==(const Fingerprint& other) const {
  const auto same = [](const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; };
  return device == other.device && inode == other.inode && size == other.size && same(modified, other.modified) &&
         same(status_changed, other.status_changed);
}

PassedFile::PassedFile(std::string what, std::string path) : PassedFile(std::move(what), std::move(path), {}) {}

PassedFile::PassedFile(std::string what, std::string path, std::vector<std::string> principals)
    : what_(std::move(what)),
      path_(std::move(path)),
      name_(path_.substr(path_.rfind('/') + 1)),
      principals_(std::move(principals)),
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
  withheld_.clear();
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

bool PassedFile::copy_cut(int file, std::size_t size, int memory) {
  KeyBytes keys{size};
  if (!keys.read(file)) return false;
  const auto cut = cut_keytab(keys.bytes(), principals_);
  errno = EINVAL;  // what it is called when it is no keytab
  if (!cut || !write_keytab(memory, *cut)) return false;
  withheld_ = cut->withheld;
  if (cut->entries.empty()) spdlog::warn("{} {} has no key of the principals that policy grants", what_, path_);
  return true;
}

proto::Descriptor PassedFile::copy_of(int file, std::size_t size) {
  if (size > proto::kMaxKeyFile) {
    spdlog::warn("{} {} has {} bytes, more than the {} that sspid takes", what_, path_, size, proto::kMaxKeyFile);
    return {};
  }
  proto::Descriptor memory{::memfd_create("sspid-secret", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  const auto fill = [&] {
    return principals_.empty() ? transfer(file, memory.get(), size) : copy_cut(file, size, memory.get());
  };
  if (!memory || !fill() || !seal(memory.get())) {
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
