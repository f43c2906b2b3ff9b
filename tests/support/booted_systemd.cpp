#include "booted_systemd.h"

#include <cctype>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"
#include "evidence.h"

namespace sspid::test {

namespace {

// Enough for what is tested, and none of what this machine starts. dbus: systemctl and the managers of users talk over
// it.
constexpr const char* kTarget =
    "[Unit]\n"
    "Requires=basic.target dbus.socket\n"
    "After=basic.target dbus.socket\n"
    "AllowIsolate=yes\n";

// In a mount namespace of its own, so that nothing is left however this ends. Arguments: folder, files; then nspawn's.
constexpr const char* kBoot = R"sh(
set -e
cd "$1"; files=$2; shift 2
mkdir memory root
mount -t tmpfs -o mode=755 tmpfs memory
mkdir memory/upper memory/work
cp -a "$files/." memory/upper/
mount -t overlay -o lowerdir=/,upperdir=memory/upper,workdir=memory/work overlay root
rm -rf root/etc/systemd/system/*.wants
tr -d - </proc/sys/kernel/random/uuid >root/etc/machine-id
cp under-test.target root/etc/systemd/system/
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec systemd-nspawn --quiet --directory=root --boot --register=no --keep-unit \
  --machine="$(basename "$PWD")" --console=read-only --link-journal=no "$@" \
  systemd.unit=under-test.target systemd.mask=systemd-timesyncd.service systemd.firstboot=off
)sh";

constexpr const char* kAsUser = R"sh(
user=$1; shift
uid=$(id -u "$user")
exec setpriv --reuid "$uid" --regid "$(id -g "$user")" --init-groups \
  env HOME="/home/$user" XDG_RUNTIME_DIR="/run/user/$uid" "$@"
)sh";

}  // namespace

BootedSystemd::BootedSystemd(const Options& options) {
  if (::geteuid() != 0) throw std::runtime_error("only root can boot a systemd in a container");
  for (const char* program : {"systemd-nspawn", "dbus-daemon", "nsenter", "unshare"})
    static_cast<void>(find_program(program));
  try {
    boot(options);
  } catch (const std::exception& failure) {
    throw std::runtime_error(std::string(failure.what()) + '\n' + read_text(directory_.file("console")));
  }
}

void BootedSystemd::boot(const Options& options) {
  std::ofstream(directory_.file("under-test.target")) << kTarget;
  std::vector<std::string> command{"unshare", "--mount", "--propagation", "private",         "sh",
                                   "-c",      kBoot,     "boot",          directory_.path(), options.files.string()};
  for (const auto& folder : options.visible) command.push_back("--bind-ro=" + folder.string());
  container_.emplace(Process::Options{.command = command, .output = directory_.file("console")});
  // The process has other children before it becomes nspawn, whose only child is the container's first process.
  const auto has_booted = [this] {
    const auto children = children_of(container_->pid());
    leader_ = children.size() == 1 ? children.front() : -1;
    return leader_ > 0 && run({"systemctl", "is-active", "--quiet", "under-test.target"}).status == 0;
  };
  await("systemd to have booted", has_booted, &*container_);
}

BootedSystemd::~BootedSystemd() {
  if (leader_ < 0) return;
  keep_log(run({"journalctl", "--no-pager", "--output=export"}).output);
}

std::vector<std::string> BootedSystemd::inside(const std::vector<std::string>& command, const std::string& user) const {
  std::vector<std::string> all{"nsenter",  "--target", std::to_string(leader_), "--mount",  "--uts", "--ipc", "--pid",
                               "--cgroup", "--root",   "/usr/bin/env",          "--chdir=/"};
  if (user != "root") {
    // As a session of that user has it. The number is looked up inside, where the user is known.
    all.insert(all.end(), {"sh", "-c", kAsUser, "as", user});
  }
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

Result BootedSystemd::run(const std::vector<std::string>& command, const std::string& user) const {
  return test::run(inside(command, user));
}

std::string BootedSystemd::run_or_throw(const std::vector<std::string>& command, const std::string& user) const {
  return test::run_or_throw(inside(command, user));
}

std::string BootedSystemd::property(const std::string& unit, const std::string& name) const {
  std::string value = run_or_throw({"systemctl", "show", "--value", "--property", name, unit});
  while (value.ends_with('\n')) value.pop_back();
  return value;
}

pid_t BootedSystemd::process(pid_t inside) const {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    if (!std::isdigit(static_cast<unsigned char>(entry.path().filename().string().front()))) continue;
    std::ifstream status(entry.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (!line.starts_with("NSpid:")) continue;
      std::istringstream numbers(line.substr(6));
      pid_t outer = -1;
      pid_t inner = -1;
      std::error_code gone;
      const bool is_ours = numbers >> outer >> inner && inner == inside &&
                           std::filesystem::read_symlink(entry.path() / "ns/pid", gone) ==
                               std::filesystem::read_symlink("/proc/" + std::to_string(leader_) + "/ns/pid", gone);
      if (is_ours) return outer;
      break;
    }
  }
  return -1;
}

std::string BootedSystemd::journal(const std::vector<std::string>& matches) const {
  std::vector<std::string> command{"journalctl", "--no-pager", "--output=json"};
  command.insert(command.end(), matches.begin(), matches.end());
  run_or_throw({"journalctl", "--sync"});
  return run_or_throw(command);
}

std::string BootedSystemd::path(const std::string& inside) const {
  return "/proc/" + std::to_string(leader_) + "/root" + inside;
}

void BootedSystemd::write(const std::string& file, const std::string& text) const {
  const std::filesystem::path place = path(file);
  std::filesystem::create_directories(place.parent_path());
  if (!(std::ofstream(place) << text)) throw std::runtime_error("cannot write " + file);
}

}  // namespace sspid::test
