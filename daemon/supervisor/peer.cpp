#include "daemon/supervisor/peer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proto/descriptor.h"

#ifndef SO_PEERPIDFD  // younger than Debian 12's headers
#define SO_PEERPIDFD 77
#endif

namespace sspid::supervisor {

namespace {

constexpr std::size_t kMaxGroups = 65'536;  // the kernel's NGROUPS_MAX

std::string of_process(pid_t pid, const char* file) { return "/proc/" + std::to_string(pid) + '/' + file; }

proto::Descriptor peers_process(int socket, const ucred& credentials, FindProcess find) {
  int fd = -1;
  socklen_t size = sizeof fd;
  if (find == FindProcess::by_descriptor && ::getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &fd, &size) == 0)
    return proto::Descriptor{fd};
  return process_of(credentials.pid, credentials.uid);
}

bool lives(const proto::Descriptor& process) {
  pollfd ended{.fd = process.get(), .events = POLLIN, .revents = 0};
  return ::poll(&ended, 1, 0) == 0;
}

std::string target_of(const std::string& link) {
  std::array<char, 4096> target;
  const auto size = ::readlink(link.c_str(), target.data(), target.size());
  return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

bool has_our_pids(pid_t pid) {
  const std::string theirs = target_of(of_process(pid, "ns/pid"));
  return !theirs.empty() && theirs == target_of("/proc/self/ns/pid");
}

std::string text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Not the owner of its folder: that is root where the process is not dumpable, whoever it is.
std::optional<uid_t> effective_uid_of(pid_t pid) {
  std::ifstream status(of_process(pid, "status"));
  for (std::string line; std::getline(status, line);) {
    std::istringstream words(line);
    std::string name;
    uid_t real = 0, effective = 0;
    if (words >> name && name == "Uid:") return words >> real >> effective ? std::optional(effective) : std::nullopt;
  }
  return std::nullopt;
}

/// One that is cut off would be another path.
std::string whole_or_none(std::string text, std::size_t limit) {
  return text.size() <= limit ? std::move(text) : std::string();
}

void describe(int socket, const ucred& credentials, FindProcess find, Peer& peer) {
  if (credentials.pid <= 0) return;
  const proto::Descriptor process = peers_process(socket, credentials, find);
  if (!process || !has_our_pids(credentials.pid)) return;
  std::string unit = unit_in(text_of(of_process(credentials.pid, "cgroup")));
  std::string executable = target_of(of_process(credentials.pid, "exe"));
  if (!lives(process)) return;
  peer.unit = whole_or_none(std::move(unit), control::kMaxUnit);
  peer.executable = whole_or_none(std::move(executable), control::kMaxExecutable);
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string unit_on(std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (ends_with(part, ".service") || ends_with(part, ".scope")) return std::string(part);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return {};
}

}  // namespace

// Opened first: what is asked by the number afterwards is of this process, if it still lives in the end.
proto::Descriptor process_of(pid_t pid, uid_t uid) {
  proto::Descriptor process{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  if (process && effective_uid_of(pid) != uid) process.reset();
  return process;
}

std::optional<Peer> peer_of(int socket, FindProcess find) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
  Peer peer{.uid = credentials.uid, .gid = credentials.gid, .pid = credentials.pid};
  describe(socket, credentials, find, peer);
  return peer;
}

std::vector<gid_t> groups_of(int socket) {
  std::vector<gid_t> groups;
  socklen_t size = 0;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, nullptr, &size) == 0) return groups;
  if (errno != ERANGE || size > kMaxGroups * sizeof(gid_t)) return groups;
  groups.resize(size / sizeof(gid_t));
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) groups.clear();
  return groups;
}

// Lines are "number:controllers:path"; systemd's is the one without controllers, or with its own name for one.
std::string unit_in(std::string_view cgroups) {
  while (!cgroups.empty()) {
    const std::size_t end = std::min(cgroups.find('\n'), cgroups.size());
    std::string_view line = cgroups.substr(0, end);
    cgroups.remove_prefix(std::min(end + 1, cgroups.size()));
    for (const std::string_view start : {"0::", "1:name=systemd:"})
      if (line.substr(0, start.size()) == start) return unit_on(line.substr(start.size()));
  }
  return {};
}

}  // namespace sspid::supervisor
