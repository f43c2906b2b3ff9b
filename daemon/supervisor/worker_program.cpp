#include "daemon/supervisor/worker_program.h"

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

namespace sspid::supervisor {

namespace {

constexpr const char* kOwnExecutable = "/proc/self/exe";

// From where sspid is installed to where its worker is. Relative: both may be moved together, into an image or a
// staging folder.
constexpr const char* kInstalledFolder = SSPID_WORKER_FOLDER;

proto::Descriptor opened(const std::string& path, int flags = 0) {
  return proto::Descriptor{::open(path.c_str(), O_PATH | O_CLOEXEC | flags)};
}

[[noreturn]] void fail(const std::string& path) { throw std::system_error{errno, std::system_category(), path}; }

struct stat status_of(const proto::Descriptor& file, const std::string& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail(path);
  return status;
}

// A worker starts with all of the supervisor's rights. So who may write its program may be only who could write ours.
bool is_as_safe_as_our_own(const struct stat& program) {
  const struct stat own = status_of(opened(kOwnExecutable), kOwnExecutable);
  const mode_t others = program.st_mode & (S_IWGRP | S_IWOTH);
  return S_ISREG(program.st_mode) && (program.st_uid == 0 || program.st_uid == own.st_uid) &&
         (others == 0 || ((others & ~own.st_mode) == 0 && program.st_gid == own.st_gid));
}

}  // namespace

proto::Descriptor open_worker_program_in(const std::string& folder) {
  const std::string path = folder + "/sspid-worker";
  auto program = opened(path, O_NOFOLLOW);
  if (!program && (errno == ENOENT || errno == ENOTDIR)) return {};
  if (!program) fail(path);
  if (!is_as_safe_as_our_own(status_of(program, path)))
    throw std::runtime_error{path + " is no file that only root, or who owns this sspid, may write"};
  return program;
}

proto::Descriptor open_worker_program() {
  const auto own_folder = std::filesystem::read_symlink(kOwnExecutable).parent_path();
  const auto installed = (own_folder / kInstalledFolder).lexically_normal();
  for (const auto& folder : {own_folder, installed})
    if (auto program = open_worker_program_in(folder)) return program;
  throw std::runtime_error{"there is no sspid-worker, neither in " + own_folder.string() + " nor in " +
                           installed.string()};
}

}  // namespace sspid::supervisor
