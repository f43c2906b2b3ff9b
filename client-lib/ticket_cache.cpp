#include "client-lib/ticket_cache.h"

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "client-lib/cache_directory.h"
#include "client-lib/text.h"
#include "proto/limits.h"

namespace sspi {

namespace {

constexpr std::string_view kFile = "FILE:";
constexpr std::string_view kDirectory = "DIR:";

// Both name the same format; WRFILE is what MIT called it when writing.
bool strip_file_type(std::string& name) {
  for (const std::string_view type : {kFile, std::string_view("WRFILE:")}) {
    if (name.starts_with(type)) {
      name.erase(0, type.size());
      return true;
    }
  }
  return name.starts_with('/') || name.find(':') == std::string::npos;
}

std::string user_name() {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> strings;
  return getpwuid_r(geteuid(), &entry, strings.data(), strings.size(), &found) == 0 && found ? found->pw_name : "";
}

std::string temporary_folder() {
  const char* named = secure_getenv("TMPDIR");
  return named != nullptr && *named != '\0' ? named : "/tmp";
}

std::optional<std::string> value_of(std::string_view token) {
  if (token == "uid" || token == "USERID") return std::to_string(getuid());
  if (token == "euid") return std::to_string(geteuid());
  if (token == "TEMP") return temporary_folder();
  if (token == "null") return std::string();
  if (token != "username") return std::nullopt;
  std::string name = user_name();
  return name.empty() ? std::nullopt : std::optional(std::move(name));
}

// Where a descriptor comes along the name is only for people. One that the protocol cannot carry leads nowhere.
void make_sendable(TicketCache& cache) {
  if (cache.name.size() <= sspid::proto::kMaxName && is_utf8(cache.name)) return;
  if (!cache.file && cache.open_error == 0) cache.open_error = EINVAL;
  cache.name = "(its name cannot be shown)";
}

}  // namespace

std::string expand_cache_name(std::string_view pattern) {
  std::string expanded;
  while (true) {
    const std::size_t begin = pattern.find("%{");
    expanded += pattern.substr(0, begin);
    if (begin == std::string_view::npos) return expanded;
    const std::size_t end = pattern.find('}', begin);
    if (end == std::string_view::npos) return {};
    const auto value = value_of(pattern.substr(begin + 2, end - begin - 2));
    if (!value) return {};
    expanded += *value;
    pattern.remove_prefix(end + 1);
  }
}

TicketCache open_ticket_cache(std::string name, const std::optional<Principal>& wanted) {
  TicketCache cache;
  if (name.empty()) return cache;
  if (name.starts_with(kDirectory)) {
    CacheFile chosen = open_in_cache_directory(name.substr(kDirectory.size()), wanted);
    if (chosen.file) name = std::string(kFile).append(chosen.path);
    cache.file = std::move(chosen.file);
    cache.open_error = chosen.error;
  } else if (strip_file_type(name)) {
    cache.file = open_cache_file(AT_FDCWD, name.c_str(), cache.open_error);
    name.insert(0, kFile);
  }
  cache.name = std::move(name);
  make_sendable(cache);
  return cache;
}

TicketCache client_ticket_cache(const std::string& default_cache, const std::optional<Principal>& wanted) {
  const char* named = secure_getenv("KRB5CCNAME");
  const std::string name = named != nullptr && *named != '\0' ? named : expand_cache_name(default_cache);
  return open_ticket_cache(name, wanted);
}

}  // namespace sspi
