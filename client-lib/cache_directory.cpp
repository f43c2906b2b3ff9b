#include "client-lib/cache_directory.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace sspi {

namespace {

using sspid::proto::Descriptor;

constexpr std::string_view kPrefix = "tkt";
constexpr const char* kFirstPrimary = "tkt";  // of a collection that nobody has chosen a primary in
constexpr std::size_t kLongestPrimary = 63;   // libkrb5 reads no more

// Nobody has more; what a directory has beyond these is not looked at.
constexpr std::size_t kMostEntries = 4096;
constexpr std::size_t kMostCaches = 256;

bool names_cache(std::string_view name) { return name.starts_with(kPrefix) && name.find_first_of("/\\") == name.npos; }

std::size_t read_beginning(int file, std::span<std::byte> room) {
  std::size_t size = 0;
  while (size < room.size()) {
    const ssize_t got = pread(file, room.data() + size, room.size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  return size;
}

bool is_owned_by(int file, const Principal& wanted) {
  struct stat status {};
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  std::array<std::byte, kCacheBeginning> beginning;
  return owner_of_cache(std::span(beginning).first(read_beginning(file, beginning))) == wanted;
}

struct CloseEntries {
  void operator()(DIR* entries) const { closedir(entries); }
};
using Entries = std::unique_ptr<DIR, CloseEntries>;

class CacheDirectory {
 public:
  explicit CacheDirectory(std::string path)
      : path_(std::move(path)),
        directory_(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
        error_(directory_ ? 0 : errno) {}

  [[nodiscard]] CacheFile primary() const {
    std::string name;
    const int error = error_ != 0 ? error_ : read_primary(name);
    return error != 0 ? CacheFile{path_, {}, error} : cache(name);
  }

  /// In the order that the directory has them, as libkrb5 does.
  [[nodiscard]] CacheFile of(const Principal& wanted) const {
    const Entries entries(list());
    std::size_t looked_at = 0;
    for (std::size_t i = 0; entries && i < kMostEntries && looked_at < kMostCaches; ++i) {
      const dirent* entry = readdir(entries.get());
      if (entry == nullptr) break;
      if (!names_cache(entry->d_name)) continue;
      ++looked_at;
      CacheFile found = cache(entry->d_name);
      if (found.file && is_owned_by(found.file.get(), wanted)) return found;
    }
    return {path_, {}, ENOENT};
  }

 private:
  [[nodiscard]] CacheFile cache(const std::string& name) const {
    CacheFile cache{path_ + '/' + name, {}, 0};
    cache.file = open_cache_file(directory_.get(), name.c_str(), cache.error);
    return cache;
  }

  [[nodiscard]] int read_primary(std::string& name) const {
    int error = 0;
    const Descriptor file = open_cache_file(directory_.get(), "primary", error);
    if (error == ENOENT) name = kFirstPrimary;
    if (!file) return error == ENOENT ? 0 : error;
    struct stat status {};
    if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return EINVAL;
    std::array<std::byte, kLongestPrimary> line;
    name.assign(reinterpret_cast<const char*>(line.data()), read_beginning(file.get(), line));
    const std::size_t end = name.find('\n');
    if (end == name.npos) return EINVAL;
    name.resize(end);
    return names_cache(name) && name.find('\0') == name.npos ? 0 : EINVAL;
  }

  [[nodiscard]] DIR* list() const {
    if (!directory_) return nullptr;
    Descriptor copy(openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    DIR* entries = copy ? fdopendir(copy.get()) : nullptr;
    if (entries != nullptr) (void)copy.release();
    return entries;
  }

  std::string path_;
  Descriptor directory_;
  int error_;
};

CacheFile open_subsidiary(const std::string& path) {
  CacheFile cache{path, {}, 0};
  if (names_cache(std::string_view(path).substr(path.rfind('/') + 1)))
    cache.file = open_cache_file(AT_FDCWD, path.c_str(), cache.error);
  else
    cache.error = EINVAL;
  return cache;
}

}  // namespace

Descriptor open_cache_file(int directory, const char* path, int& error) {
  Descriptor file(openat(directory, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  error = file ? 0 : errno;
  return file;
}

CacheFile open_in_cache_directory(const std::string& residual, const std::optional<Principal>& wanted) {
  if (residual.starts_with(':')) return open_subsidiary(residual.substr(1));
  const CacheDirectory directory(residual);
  CacheFile primary = directory.primary();
  if (!wanted || (primary.file && is_owned_by(primary.file.get(), *wanted))) return primary;
  CacheFile found = directory.of(*wanted);
  return found.file ? std::move(found) : std::move(primary);
}

}  // namespace sspi
