#include "client-lib/ticket_cache.h"

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

namespace sspi {

namespace {

constexpr std::string_view kFile = "FILE:";

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

TicketCache open_ticket_cache(std::string name) {
  TicketCache cache;
  if (name.empty()) return cache;
  if (!strip_file_type(name)) {
    cache.name = std::move(name);
    return cache;
  }
  // O_NONBLOCK: a name that leads to a FIFO must not hang the caller.
  cache.file.reset(open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!cache.file) cache.open_error = errno;
  cache.name = kFile;
  cache.name += name;
  return cache;
}

TicketCache client_ticket_cache(const std::string& default_cache) {
  const char* named = secure_getenv("KRB5CCNAME");
  return open_ticket_cache(named != nullptr && *named != '\0' ? std::string(named) : expand_cache_name(default_cache));
}

}  // namespace sspi
