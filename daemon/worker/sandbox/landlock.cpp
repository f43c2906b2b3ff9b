#include "daemon/worker/sandbox/landlock.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <linux/landlock.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sspid::worker::sandbox {

namespace {

// glibc has no functions for these, and the headers of Debian 12 end with version 2: the rest is said here as
// linux/landlock.h has it today. A kernel takes a structure longer than its own if what it does not know is zero.
struct RulesetAttributes {
  std::uint64_t files;
  std::uint64_t net;
  std::uint64_t scoped;
};

constexpr std::uint64_t kTruncate = 1U << 14;       // version 3
constexpr std::uint64_t kBindTcp = 1U << 0;         // version 4; connections go to whatever port a KDC has
constexpr std::uint64_t kDeviceControl = 1U << 15;  // version 5
constexpr std::uint64_t kAbstractSockets = 1U << 0, kSignals = 1U << 1;  // version 6

// What concerns a file itself; a rule for anything but a directory may say no more.
constexpr std::uint64_t kOfFiles = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                   LANDLOCK_ACCESS_FS_READ_FILE | kTruncate | kDeviceControl;
constexpr std::uint64_t kReading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kWriting =
    kReading | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | kTruncate;

RulesetAttributes everything_of(int version) {
  RulesetAttributes all{LANDLOCK_ACCESS_FS_REFER - 1, 0, 0};  // the thirteen of version 1
  if (version >= 2) all.files |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) all.files |= kTruncate;
  if (version >= 4) all.net |= kBindTcp;
  if (version >= 5) all.files |= kDeviceControl;
  if (version >= 6) all.scoped |= kAbstractSockets | kSignals;
  return all;
}

[[noreturn]] void fail(const char* what) { throw std::system_error{errno, std::system_category(), what}; }

}  // namespace

Landlock::Landlock()
    : version_(static_cast<int>(::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION))) {
  if (version_ < 0) {
    spdlog::warn("no Landlock ({}): a worker that is taken over can open whatever user {} can",
                 std::system_category().message(errno), ::getuid());
    return;
  }
  const auto attributes = everything_of(version_);
  ruleset_.reset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (!ruleset_) fail("landlock_create_ruleset");
}

void Landlock::add(const std::string& place, std::uint64_t access) {
  if (!ruleset_) return;
  const proto::Descriptor parent{::open(place.c_str(), O_PATH | O_CLOEXEC)};
  struct stat status {};
  if (!parent || ::fstat(parent.get(), &status) != 0) return;
  access &= everything_of(version_).files;
  if (!S_ISDIR(status.st_mode)) access &= kOfFiles;
  const landlock_path_beneath_attr rule{access, parent.get()};
  if (::syscall(SYS_landlock_add_rule, ruleset_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
    fail("landlock_add_rule");
}

void Landlock::let_read(const std::string& place) { add(place, kReading); }
void Landlock::let_write(const std::string& place) { add(place, kWriting); }

void Landlock::enforce() {
  if (!ruleset_) return;
  if (::syscall(SYS_landlock_restrict_self, ruleset_.get(), 0) != 0) fail("landlock_restrict_self");
  ruleset_.reset();
  spdlog::debug("Landlock, version {}, is in force", version_);
}

}  // namespace sspid::worker::sandbox
