#include "client-lib/local_account.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

namespace sspi {

namespace {

constexpr uid_t kFirstPerson = 1000;  // UID_MIN of login.defs

// One entry of the user database; real ones are some hundred bytes.
constexpr std::size_t kMostEntry = std::size_t{1} << 20;

// The kernel's own bound for the groups of a process.
constexpr int kMostGroups = 65536;

bool find_entry(const std::string& name, passwd& entry, std::vector<char>& text) {
  for (text.resize(1024); text.size() <= kMostEntry; text.resize(2 * text.size())) {
    passwd* found = nullptr;
    int error;
    do {
      error = getpwnam_r(name.c_str(), &entry, text.data(), text.size(), &found);
    } while (error == EINTR);
    if (error != ERANGE) return found != nullptr;
  }
  return false;
}

bool find_groups(const char* name, gid_t primary, std::vector<gid_t>& groups) {
  int count = 32;
  for (groups.resize(32); getgrouplist(name, primary, groups.data(), &count) < 0;
       groups.resize(static_cast<std::size_t>(count))) {
    // Some versions leave the count as it was where there is not enough room.
    count = std::max(count, 2 * static_cast<int>(groups.size()));
    if (count > kMostGroups) return false;
  }
  groups.resize(static_cast<std::size_t>(count));
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return true;
}

}  // namespace

std::optional<LocalAccount> find_local_account(const std::string& name) {
  passwd entry{};
  std::vector<char> text;
  LocalAccount account;
  if (name.empty() || !find_entry(name, entry, text)) return std::nullopt;
  if (!find_groups(entry.pw_name, entry.pw_gid, account.groups)) return std::nullopt;
  account.name = entry.pw_name;
  account.user = entry.pw_uid;
  account.group = entry.pw_gid;
  return account;
}

uid_t lowest_impersonated_user() {
  const char* text = secure_getenv("SSPI_MIN_IMPERSONATION_UID");
  if (text == nullptr) return kFirstPerson;
  uid_t lowest = 0;
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, lowest);
  return error != std::errc{} || rest != end || lowest == 0 ? kFirstPerson : lowest;
}

}  // namespace sspi
